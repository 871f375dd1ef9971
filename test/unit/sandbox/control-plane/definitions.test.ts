import { describe, expect, it } from "vitest";
import { resourcesByVersion } from "../../../../packages/sandbox/src/control-plane/definitions";

const definition = (group: string, plural: string, versions: Record<string, boolean>) => ({
  kind: "CustomResourceDefinition",
  spec: {
    group,
    names: { plural, kind: "Any" },
    versions: Object.entries(versions).map(([name, served]) => ({ name, served, schema: {} })),
  },
});

describe("resourcesByVersion", () => {
  it("names what is served, by group and version", () => {
    const definitions = [
      definition("serving.kserve.io", "servingruntimes", { v1alpha1: true }),
      definition("serving.kserve.io", "inferenceservices", { v1beta1: true, v1alpha2: false }),
      definition("serving.kserve.io", "trainedmodels", { v1alpha1: true }),
      definition("keda.sh", "scaledobjects", { v1alpha1: true }),
    ];
    expect([...resourcesByVersion(definitions)]).toEqual([
      ["serving.kserve.io/v1alpha1", ["servingruntimes", "trainedmodels"]],
      ["serving.kserve.io/v1beta1", ["inferenceservices"]],
      ["keda.sh/v1alpha1", ["scaledobjects"]],
    ]);
  });
});
