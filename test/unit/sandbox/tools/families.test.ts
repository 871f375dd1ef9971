import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { binaryNames, manifestNames, toolFamilies } from "../../../../packages/sandbox/src/tools/families";
import { minimumGo } from "../../../../packages/sandbox/src/tools/requirements";
import { modulesDirectory } from "../../../../packages/sandbox/src/tools/tool-cache";
import { versions } from "../../../../src/versions";

const goMod = (name: string): string => readFileSync(join(modulesDirectory, name, "go.mod"), "utf8");

const pulumiModules = ["github.com/pulumi/pulumi/sdk/v3", "github.com/pulumi/pulumi/pkg/v3"];

/** Versions of all modules a family needs, by path. */
function requirements(name: string): Map<string, string> {
  return new Map([...goMod(name).matchAll(/^\s+(\S+) (v\S+)/gm)].map(([, path = "", version = ""]) => [path, version]));
}

describe("tool families", () => {
  it("are exactly the Go modules of the package", () => {
    expect(toolFamilies.map((family) => family.name).sort()).toEqual(readdirSync(modulesDirectory).sort());
  });

  it("give every program and every set of manifests once", () => {
    expect(toolFamilies.flatMap((family) => Object.keys(family.binaries)).sort()).toEqual([...binaryNames].sort());
    expect(toolFamilies.flatMap((family) => Object.keys(family.manifests)).sort()).toEqual([...manifestNames].sort());
  });

  it("have the versions the rest of the project speaks of", () => {
    const version = (name: string) => toolFamilies.find((family) => family.name === name)?.version;
    expect(version("kubernetes")).toBe(versions.kubernetes);
    expect(version("keda")).toBe(versions.keda);
  });

  it("let the language host share Pulumi's packages in Go's build cache", () => {
    const pulumi = requirements("pulumi");
    for (const [path, version] of requirements("pulumi-language-nodejs")) expect(pulumi.get(path), path).toBe(version);
  });

  describe.each(toolFamilies.map((family) => [family.name, family] as const))("%s", (name, family) => {
    it("names the Go version that is asked for", () => {
      expect(goMod(name)).toMatch(new RegExp(`^go ${minimumGo.major}\\.${minimumGo.minor}\\.`, "m"));
    });

    if (name === "isolate") return;

    it("pins the checksums of the version it says", () => {
      // Prometheus 3.14.0 is the Go module v0.314.0.
      const [major = "", minor = "", patch = ""] = family.version.split(".");
      const moduleVersion =
        name === "prometheus" ? `v0.${major}${minor.padStart(2, "0")}.${patch}` : `v${family.version}`;
      const paths = [
        // A program of our own has the version of the modules it is written against.
        ...Object.values(family.binaries).flatMap((path) => (path === "." ? pulumiModules : path)),
        ...Object.values(family.manifests).map((source) => source.module),
      ];
      const required = [...goMod(name).matchAll(/^(?:require)?\s+(\S+) (v\S+)/gm)];
      const sums = readFileSync(join(modulesDirectory, name, "go.sum"), "utf8");
      for (const path of paths) {
        const [module = ""] = required
          .map((match) => match[1] ?? "")
          .filter((candidate) => path === candidate || path.startsWith(`${candidate}/`))
          .sort((a, b) => b.length - a.length);
        expect(required.find((match) => match[1] === module)?.[2]).toBe(moduleVersion);
        expect(sums).toContain(`${module} ${moduleVersion} h1:`);
      }
    });

    it("declares its programs as tools of its module, so that `go mod tidy` keeps them", () => {
      const tools = [...goMod(name).matchAll(/^(?:tool)?\s+([^\s()=]+)$/gm)].map((match) => match[1]);
      expect(tools.sort()).toEqual(
        Object.values(family.binaries)
          .filter((path) => path !== ".")
          .sort(),
      );
    });
  });
});
