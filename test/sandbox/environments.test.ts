import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, inject, it } from "vitest";
import { z } from "zod";
import { Stack } from "./support/pulumi";

const sandbox = inject("sandbox");
const scratch = mkdtempSync(join(tmpdir(), "vllm-serving-environments-"));
/** The same Pulumi, and no cluster. */
const withoutCluster = {
  ...sandbox,
  pulumiEnvironment: { ...sandbox.pulumiEnvironment, KUBECONFIG: join(scratch, "no-kubeconfig") },
};
const model = z.looseObject({ replicas: z.looseObject({}), slo: z.looseObject({}) });

afterAll(() => rmSync(scratch, { recursive: true }));

const flags = (stack: Stack): string[] => ["--stack", stack.name, "--config-file", stack.configFile];

describe("an environment whose cluster is not here", () => {
  it.each([
    { environment: "kubernetes", objects: 7 },
    { environment: "openshift", objects: 13 },
  ])("$environment is previewed all the same, and up refuses it", async ({ environment, objects }) => {
    const stack = await Stack.create(withoutCluster, environment, `Pulumi.${environment}.yaml`);
    const preview = await stack.pulumi("preview", ...flags(stack));
    expect(preview.output.match(/^ \+ {2}kubernetes:\S+ \S+ create/gm)).toHaveLength(objects);
    expect(preview.exitCode).toBe(0);
    const up = await stack.pulumi("up", "--yes", "--skip-preview", ...flags(stack));
    expect(up.output).toMatch(/kubeconfig/i);
    expect(up.exitCode).not.toBe(0);
    expect((await stack.resources()).filter((urn) => urn.includes("kubernetes:core"))).toEqual([]);
    await stack.destroy();
  });
});

describe("what a person gets wrong", () => {
  it("is told at once, all of it, before anything is made", async () => {
    const stack = await Stack.create(sandbox, "wrong");
    stack.configure((config) => {
      const [first] = z.array(model).parse(config["vllm-serving:models"]);
      config["vllm-serving:models"] = [
        { ...first, replicas: { min: 3, max: 0 }, slo: { itl: { atMostMs: 40 } }, weigths: {} },
      ];
    });
    const up = await stack.pulumi("up", "--yes", "--skip-preview", ...flags(stack));
    expect(up.exitCode).not.toBe(0);
    expect(up.output).toContain("vllm-serving:models[0].replicas.max: 0 must be");
    expect(up.output).toContain("vllm-serving:models[0].slo.itl.atMostMs: 40 ms cannot be kept");
    expect(up.output).toContain("vllm-serving:models[0].weigths: No such key. Did you mean weights?");
    expect(up.output).not.toMatch(/^\s+at .*\.(ts|js):\d+/m);
    expect((await stack.resources()).filter((urn) => urn.includes("kubernetes"))).toEqual([]);
    await stack.destroy();
  });

  it("includes the wrong cluster", async () => {
    const stack = await Stack.create(sandbox, "elsewhere", "Pulumi.kubernetes.yaml");
    const up = await stack.pulumi("up", "--yes", "--skip-preview", ...flags(stack));
    expect(up.exitCode).not.toBe(0);
    expect(up.output).toContain(`vllm-serving-sandbox-${sandbox.name}`);
    expect((await stack.resources()).filter((urn) => urn.includes("kubernetes"))).toEqual([]);
    await stack.destroy();
  });
});
