import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { renderedBy } from "../support/rendered-configurations";
import { applyForeign, type ForeignDefinitions, kserveLegacyDefinitions } from "./support/definitions";
import { StrictValidation } from "./support/strict-validation";

const sandbox = inject("sandbox");

/** What KServe reads of a model with every setting, on a cluster with KServe 0.15.2. */
const objects = renderedBy("every setting of a model on KServe 0.15.2")
  .map(({ object }) => object)
  .filter(({ apiVersion }) => apiVersion.startsWith("serving.kserve.io/"));

describe("the definitions of KServe 0.15.2", () => {
  let definitions: ForeignDefinitions;
  let remove: () => Promise<void>;
  let validation: StrictValidation;

  beforeAll(async () => {
    definitions = await kserveLegacyDefinitions();
    remove = await applyForeign(sandbox, definitions);
    validation = await StrictValidation.of(sandbox, objects);
  });
  afterAll(async () => {
    await validation.end();
    await remove();
  });

  it.each(objects)("take our $kind, every field of it", async (object) => {
    const legacy = definitions.renamed(object);
    expect(legacy.apiVersion).not.toBe(object.apiVersion);
    expect(await validation.validate(legacy)).toBe("accepted");
    const wrong = { ...legacy, unknownField: true };
    expect(await validation.validate(wrong)).toMatch(/unknownField: field not declared in schema/);
  });

  it("are given both kinds, in the words of that release", () => {
    expect(objects.map(({ kind }) => kind)).toEqual(["ServingRuntime", "InferenceService"]);
    expect(objects[1]).toHaveProperty(["metadata", "annotations", "serving.kserve.io/deploymentMode"], "RawDeployment");
  });
});
