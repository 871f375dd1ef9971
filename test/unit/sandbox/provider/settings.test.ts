import { describe, expect, it } from "vitest";
import { parseSettings } from "../../../../packages/sandbox/src/provider/settings";

const settings = (variables: Record<string, string>, environment: Record<string, string> = {}) =>
  parseSettings(
    new Map(Object.entries(variables).map(([key, value]) => [`kubernetes:config:${key}`, value])),
    environment,
  );

describe("parseSettings", () => {
  it("has defaults", () => {
    expect(settings({})).toEqual({
      kubeconfig: "",
      context: "",
      cluster: "",
      namespace: "",
      mutability: { configMaps: false, secrets: false },
      enablePatchForce: false,
      upsertExistingObjects: false,
      deleteUnreachable: false,
      skipUpdateUnreachable: false,
    });
  });

  it("takes arguments before the environment", () => {
    const environment = { PULUMI_K8S_ENABLE_PATCH_FORCE: "true", PULUMI_K8S_DELETE_UNREACHABLE: "true" };
    const given = settings({ enablePatchForce: "false", enableSecretMutable: "true", context: "c" }, environment);
    expect(given.enablePatchForce).toBe(false);
    expect(given.deleteUnreachable).toBe(true);
    expect(given.mutability).toEqual({ configMaps: false, secrets: true });
    expect(given.context).toBe("c");
  });

  it.each([
    [{ renderYamlToDirectory: "out" }, {}, "renderYamlToDirectory"],
    [{ enableServerSideApply: "false" }, {}, "enableServerSideApply"],
    [{}, { PULUMI_K8S_ENABLE_SERVER_SIDE_APPLY: "false" }, "enableServerSideApply"],
  ])("refuses %j with %j", (variables, environment, setting) => {
    expect(() => settings(variables, environment)).toThrow(`${setting}: the sandbox's stand-in`);
  });
});
