import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { runCommand } from "../../../support/run-command";

const root = resolve(__dirname, "../../../..");
let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "vllm-serving-explain-"));
  for (const file of ["Pulumi.yaml", "Pulumi.kubernetes.yaml"]) cpSync(join(root, file), join(folder, file));
  process.chdir(folder);
});
afterEach(() => {
  process.chdir(root);
  rmSync(folder, { recursive: true });
});

const explain = (...args: string[]) => runCommand("explain", ...args);

/** Writes the environment `changed`: the models of the environment `kubernetes` with changes, on a platform with Knative. */
function writeModels(...changes: Record<string, unknown>[]): void {
  const stack = parse(readFileSync(join(folder, "Pulumi.kubernetes.yaml"), "utf8"));
  const [model] = stack.config["vllm-serving:models"];
  stack.config["vllm-serving:platform"].knative = { mode: "existing" };
  stack.config["vllm-serving:models"] = changes.map((change) => ({
    ...model,
    servedModelName: change.name ?? model.name,
    replicas: { max: 1 },
    ...change,
  }));
  writeFileSync(join(folder, "Pulumi.changed.yaml"), stringify(stack));
}

test("says of each field of the ScaledObject its value and why, with the figures put in", async () => {
  const { out, error, exitCode } = await explain("--env", "kubernetes");
  expect([error, exitCode]).toEqual(["", undefined]);
  const lines = out.split("\n");
  expect(lines[0]).toBe(
    "llama-3-1-8b in llm: ScaledObject llama-3-1-8b, 2 to 7 replicas, each to carry 5 requests at once of the 7 that it can",
  );
  expect(lines[lines.indexOf("  spec.triggers[0].metadata.threshold = 5") + 1]).toBe(
    "    Profile llama-3.1-8b-l4 at 3072 prompt + 1200 output tokens: 7 requests at once keep itl 74.3 of 75 ms, with a decode step of 60 + 7 x (0.3 + 0.000475 x (3072 + 1200 / 2)) = 74.3 ms, and fit into the KV cache, which holds 7. With loose headroom a replica is loaded to 80 % of that: max(1, floor(80 % x 7)) = 5.",
  );
  const window = "spec.advanced.horizontalPodAutoscalerConfig.behavior.scaleDown.stabilizationWindowSeconds";
  expect(lines[lines.indexOf(`  ${window} = 300`) + 1]).toContain("15 s HPA sync + 165 s start");
});

test("says the same as JSON", async () => {
  const { out } = await explain("Pulumi.kubernetes.yaml", "--json");
  const { models } = JSON.parse(out);
  expect(models).toHaveLength(1);
  expect(models[0]).toMatchObject({
    name: "llama-3-1-8b",
    namespace: "llm",
    strategy: "scaledObject",
    object: { kind: "ScaledObject", name: "llama-3-1-8b" },
    replicas: { min: 2, max: 7 },
    carries: {
      atSlo: 7,
      target: 5,
      secondsPerRequest: { target: expect.closeTo(87.87, 2), slo: expect.closeTo(94.22, 2) },
    },
    warnings: [],
  });
  expect(models[0].reasons[0]).toEqual({
    path: "spec.minReplicaCount",
    value: "2",
    because: "As given. KEDA's default is 0, and a model with no replica has no metrics that could ask for one.",
  });
});

test("explains each way to scale by the object that says it, and names what is passed on without what is in it", async () => {
  const cpu = { hpa: { metric: "cpu", targetPercent: 70 } };
  writeModels(
    { name: "by-knative", scaling: { knative: {} } },
    { name: "by-kserve", scaling: { kserveKeda: {} } },
    { name: "by-cpu", scaling: cpu },
    { name: "by-own-hpa", scaling: cpu, backend: "deployment" },
    {
      name: "with-cron",
      extraTriggers: [{ type: "cron", name: "morning", metadata: { start: "0 7 * * *", desiredReplicas: "3" } }],
    },
  );
  const { out } = await explain("--env", "changed", "--json");
  const models: { object: object; reasons: ({ path: string; value: string; because: string } | string)[] }[] =
    JSON.parse(out).models;
  expect(models.map(({ object }) => object)).toEqual([
    { kind: "InferenceService", name: "by-knative" },
    { kind: "InferenceService", name: "by-kserve" },
    { kind: "InferenceService", name: "by-cpu" },
    { kind: "HorizontalPodAutoscaler", name: "by-own-hpa" },
    { kind: "ScaledObject", name: "with-cron" },
  ]);
  const paths = models.map(({ reasons }) => reasons.map((reason) => (typeof reason === "string" ? "" : reason.path)));
  expect(paths[0]).toContain("spec.predictor.containerConcurrency");
  expect(paths[1]).toContain("spec.predictor.autoScaling.metrics[0].external.target.value");
  expect(paths[2]).toContain("spec.predictor.scaleTarget");
  expect(paths[3]).toContain("spec.metrics[0].resource.target.averageUtilization");
  expect(models[4]?.reasons.at(-1)).toEqual({
    path: "spec.triggers[2]",
    value: "morning",
    because:
      "As given, of type cron: passed on unchanged. The HPA follows the trigger that asks for most, so it only adds.",
  });
  const { out: text } = await explain("--env", "changed", "--model", "by-cpu");
  expect(text).toContain("\n  It looks at cpu alone, which follows neither the requests nor their latency:");
  expect(text).toContain(
    '\n  Warning: scaling.hpa.metric: is "cpu", by which no latency can be kept: slo is not looked at.',
  );
  expect(text).not.toContain("by-knative");
});

test("needs no passphrase", async () => {
  const path = join(folder, "Pulumi.kubernetes.yaml");
  const stack = parse(readFileSync(path, "utf8"));
  stack.encryptionsalt = "v1:Xg8sPl4bV7A=:v1:c29tZXRoaW5n:bm90aGluZw==";
  stack.config["other:token"] = { secure: "v1:bm90aGluZw==:c2VjcmV0" };
  writeFileSync(path, stringify(stack));
  expect(await explain("--env", "kubernetes")).toMatchObject({ error: "", exitCode: undefined });
});

test("says what is wrong with a configuration, and which models there are", async () => {
  writeModels({ replicas: { max: 0 } });
  const wrong = await explain("--env", "changed");
  expect([wrong.out, wrong.exitCode]).toEqual(["", 1]);
  expect(wrong.error).toContain("Pulumi.changed.yaml has 1 problem:\n  vllm-serving:models[0].replicas.max: 0 must be");
  const asJson = await explain("--env", "changed", "--json");
  expect([JSON.parse(asJson.out).problems.length, asJson.exitCode]).toEqual([1, 1]);
  await expect(explain("--env", "kubernetes", "--model", "granite")).rejects.toThrow(
    "Pulumi.kubernetes.yaml has no model granite. There is llama-3-1-8b.",
  );
  writeModels();
  expect((await explain("--env", "changed")).out).toBe("Pulumi.changed.yaml has no models.\n");
});
