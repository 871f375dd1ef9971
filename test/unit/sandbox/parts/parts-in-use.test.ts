import { describe, expect, it } from "vitest";
import { catalogue } from "../../../../packages/sandbox/src/parts/catalogue";
import { partsInUse } from "../../../../packages/sandbox/src/parts/parts-in-use";
import { familyOf, toolFamilies } from "../../../../packages/sandbox/src/tools/families";

const standIns = partsInUse({ provider: "stand-in", replaced: [] });
const official = partsInUse({ provider: "official", officialLanguageHost: "3.261.0", replaced: [] });
const named = (parts: typeof standIns, name: string) => parts.filter((part) => part.name === name);

describe("the catalogue of parts", () => {
  it("has every program of every tool family in exactly one part", () => {
    const inParts = catalogue().flatMap(({ programs }) => programs);
    expect(inParts.sort()).toEqual(toolFamilies.flatMap(({ binaries }) => Object.keys(binaries)).sort());
  });

  it("has a version of every real part", () => {
    for (const parts of [standIns, official]) {
      expect(parts.filter(({ kind, version }) => kind === "real" && version === undefined)).toEqual([]);
    }
  });

  it("mixes no families in a part, which has one version", () => {
    for (const { name, programs } of catalogue()) {
      expect(new Set(programs.map((program) => familyOf(program).name)).size, name).toBeLessThanOrEqual(1);
    }
  });

  it("has each part once, and with either implementation of the two that can be chosen", () => {
    for (const parts of [standIns, official]) {
      const names = parts.map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
    }
    expect(official.map(({ name }) => name)).toEqual(
      standIns.map(({ name }) => name).filter((name) => name !== "Helm"),
    );
  });
});

describe("the parts in use", () => {
  it("have the version of their family, with the program's name where it is another thing", () => {
    expect(named(standIns, "Kubernetes")).toMatchObject([{ kind: "real", version: "1.36.3" }]);
    expect(named(standIns, "vLLM")).toMatchObject([{ kind: "simulated", version: "llm-d-inference-sim 0.10.2" }]);
    expect(named(standIns, "Nodes")).toMatchObject([{ kind: "simulated", version: "kwok 0.8.0" }]);
    expect(named(standIns, "Router")[0]).not.toHaveProperty("version");
  });

  it("name the language host and the provider that run", () => {
    const kinds = (parts: typeof standIns) =>
      ["Pulumi's Node.js language host", "Pulumi's Kubernetes provider"].map((name) =>
        named(parts, name).map(({ kind, version }) => `${kind} ${version}`),
      );
    expect(kinds(standIns)).toEqual([["stand-in for SDK 3.259.0"], ["stand-in for SDK 4.34.2"]]);
    expect(kinds(official)).toEqual([["real 3.261.0"], ["real 4.34.2"]]);
  });

  it("claim no version of a program that is the user's own", () => {
    const replaced = partsInUse({ provider: "official", replaced: ["etcd", "kube-apiserver"] });
    expect(named(replaced, "etcd")).toMatchObject([{ version: "etcd: a program of your own" }]);
    expect(named(replaced, "Kubernetes")).toMatchObject([{ version: "1.36.3; kube-apiserver: a program of your own" }]);
  });
});
