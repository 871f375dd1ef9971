import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readDemoModel } from "../../../../packages/cli/src/demo/demo-model";

const example = join(__dirname, "../../../fixtures/demo/sandbox-stack.yaml");

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "demo-model-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

function changed(from: RegExp, to: string): string {
  const file = join(directory, "Pulumi.sandbox.yaml");
  const text = readFileSync(example, "utf8");
  expect(text).toMatch(from);
  writeFileSync(file, text.replace(from, to));
  return file;
}

describe("readDemoModel", () => {
  it("reads the first model and compiles its policy", () => {
    const { model, load } = readDemoModel(example);
    const { explanation, warnings, ...facts } = model;
    expect(facts).toEqual({
      namespace: "llm",
      name: "llama",
      deployment: "llama-predictor",
      backend: "kserve",
      servedModelName: "llama",
      repository: "meta-llama/Llama-3.1-8B-Instruct",
      gpuProduct: "NVIDIA-L4",
      promptTokens: 3600,
      outputTokens: 140,
      objective: { atMostMs: 75, quantile: 0.5 },
      maxReplicas: 7,
      targetConcurrency: 5,
      startup: { imagePullSeconds: 2, loadSeconds: 6, compileSeconds: 2 },
      longestGenerationSeconds: 15,
      triggers: ["in-flight", "itl"],
    });
    expect(warnings).toEqual([]);
    expect(explanation.find(({ path }) => path === "spec.triggers[0].metadata.threshold")?.value).toBe("5");
    expect(load).toMatchObject({ replicas: 6, inFlight: 27.5, outputTokens: 95 });
  });

  it("knows a Deployment that the stack makes itself", () => {
    const { model } = readDemoModel(changed(/ {6}createNamespace: true\n/, "      backend: deployment\n"));
    expect(model).toMatchObject({ name: "llama", deployment: "llama", backend: "deployment" });
  });

  it("can be read from the project's own sandbox stack", () => {
    const { model, load } = readDemoModel(join(__dirname, "../../../../Pulumi.sandbox.yaml"));
    expect(load.replicas).toBeGreaterThanOrEqual(5);
    expect(model.warnings).toEqual([]);
  });

  it.each([
    [
      / {8}itl:\n {10}atMostMs: 75\n {10}quantile: 0.5\n/,
      "        e2e:\n          atMostMs: 200000\n",
      "an objective slo.itl",
    ],
    [/ {6}longestGenerationSeconds: 15\n/, "", "longestGenerationSeconds"],
    [/ {8}compileSeconds: 2\n/, "", "startup.imagePullSeconds, loadSeconds and compileSeconds"],
  ])("names what the demo needs: without %s", (from, to, needed) => {
    const file = changed(from, to).toString();
    expect(() => readDemoModel(file)).toThrow(/needs|cannot be used/);
    expect(() => readDemoModel(file)).toThrow(needed);
  });

  it("lists every problem of a wrong configuration", () => {
    const file = changed(/max: 7/, "max: many");
    expect(() => readDemoModel(file)).toThrow(/cannot be used:\n {2}vllm-serving:models\[0\]\.replicas\.max: /);
  });
});
