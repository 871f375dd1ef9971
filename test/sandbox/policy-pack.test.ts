import { cpSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { z } from "zod";
import { documentedBlocks, documentedCommands } from "../support/documented-commands";
import { Stack } from "./support/pulumi";
import { PulumiProject, projectsFolder } from "./support/pulumi-project";

const root = resolve(__dirname, "../..");
const pack = join(root, "packages/policy-pack");
const sandbox = inject("sandbox");
const folder = projectsFolder();
const withoutCluster = {
  ...sandbox,
  pulumiEnvironment: { ...sandbox.pulumiEnvironment, KUBECONFIG: join(folder, "no-kubeconfig") },
};
afterAll(() => rmSync(folder, { recursive: true }));

const violation = z.object({
  policyName: z.string(),
  enforcementLevel: z.string(),
  message: z.string(),
  resourceUrn: z.string(),
});
type Violation = z.infer<typeof violation>;
const event = z.object({ policyEvent: violation.optional() });

/** A program of somebody who does not use our components, previewed with the pack by Pulumi's command line. */
class Program extends PulumiProject {
  constructor(name: string) {
    super(sandbox, join(folder, name));
    cpSync(join(root, "test/fixtures/policy-pack", name), this.folder, { recursive: true });
  }

  async preview(configuration: object = {}, environment: Record<string, string> = {}) {
    const file = join(this.folder, "policies.json");
    writeFileSync(file, JSON.stringify(configuration));
    const run = await this.start(["preview", "--json", "--policy-pack", pack, "--policy-pack-config", file], {
      PULUMI_ENABLE_STREAMING_JSON_PREVIEW: "true",
      ...environment,
    });
    const lines = run.stdout.split("\n").filter((line) => line !== "");
    const violations = lines.flatMap((line) => event.parse(JSON.parse(line)).policyEvent ?? []);
    return { exitCode: run.exitCode, output: run.all, violations };
  }
}

const rulesOf = (violations: Violation[]) => violations.map(({ policyName }) => policyName).sort();

describe("a published policy", () => {
  const program = new Program("article");
  beforeAll(() => program.must("stack", "init", "published"));

  it("is refused at preview, each finding at its resource and with its numbers", async () => {
    const { exitCode, violations } = await program.preview();
    expect(exitCode).toBe(1);
    const at = (level: string) => rulesOf(violations.filter(({ enforcementLevel }) => enforcementLevel === level));
    expect(at("mandatory")).toEqual([
      "intensive-average-value",
      "metric-not-in-release",
      "outage-reads-as-idle",
      "outage-reads-as-idle",
      "outage-reads-as-idle",
      "unknown-vllm-metric",
    ]);
    expect(at("advisory")).toEqual([
      "cooldown-period-without-effect",
      "in-kedas-namespace",
      "no-fallback",
      "no-scale-down-policy",
      "polling-interval-without-effect",
      "rate-window-too-long",
      "replicas-of-a-scaled-workload",
      "threshold-loses-precision",
    ]);
    const urns = Object.fromEntries(violations.map(({ policyName, resourceUrn }) => [policyName, resourceUrn]));
    expect(urns).toMatchObject({
      "intensive-average-value": "urn:pulumi:published::article::kubernetes:keda.sh/v1alpha1:ScaledObject::scaler",
      "replicas-of-a-scaled-workload": "urn:pulumi:published::article::kubernetes:apps/v1:Deployment::predictor",
    });
    expect(violations.find(({ policyName }) => policyName === "intensive-average-value")?.message).toContain(
      "It asks for 2 above 0.077, beyond the HPA's tolerance, and for 7 only above 0.42, 6 times the threshold. Fix: Write metricType: Value on the trigger",
    );
  });

  it("is judged as the pack is configured", async () => {
    const reason = "the next release of the model brings it";
    const configured = {
      settings: { minimumSeverity: "warning", vllm: "0.9.1" },
      "intensive-average-value": { enforcementLevel: "disabled", reason },
      "outage-reads-as-idle": "advisory",
      "unknown-vllm-metric": "advisory",
    };
    const lenient = await program.preview(configured);
    expect(lenient.exitCode).toBe(0);
    expect(rulesOf(lenient.violations)).toEqual([
      "cooldown-period-without-effect",
      "in-kedas-namespace",
      "no-fallback",
      "no-scale-down-policy",
      "outage-reads-as-idle",
      "outage-reads-as-idle",
      "outage-reads-as-idle",
      "polling-interval-without-effect",
      "rate-window-too-long",
      "replicas-of-a-scaled-workload",
      "unknown-vllm-metric",
    ]);
    const wrong = await program.preview({ settings: { kubernetes: "newest", startupSeconds: 0 } });
    expect(wrong.exitCode).toBe(1);
    expect(wrong.output).toContain("settings: startupSeconds: Must be greater than 0");
    expect(wrong.output).toContain("settings: kubernetes: Does not match pattern");
  });
});

describe("docs/policy-pack.md", () => {
  const page = "docs/policy-pack.md";
  const [plainly = "", configured = "", ...further] = documentedCommands(page);
  const program = new Program("article");
  beforeAll(() => program.must("stack", "init", "documented"));

  const typed = (command: string) =>
    execa("bash", ["-c", command.replaceAll("<clone>", root)], {
      cwd: program.folder,
      env: { ...sandbox.pulumiEnvironment, PULUMI_OPTION_NON_INTERACTIVE: "true", PULUMI_OPTION_COLOR: "never" },
      reject: false,
      all: true,
      stdin: "ignore",
    });
  const inOneLine = (text: string): string => text.replace(/\s+/g, " ");

  it("has the commands that follow", () => {
    expect(plainly).toBe("pulumi preview --policy-pack <clone>/packages/policy-pack");
    expect(configured).toBe(`${plainly} --policy-pack-config policies.json`);
    expect(further).toEqual([]);
  });

  it("tells what a preview says", async () => {
    const { exitCode, all } = await typed(plainly);
    const [finding = ""] = documentedBlocks(page, "text");
    expect(inOneLine(all)).toContain(inOneLine(finding.trim()));
    expect(exitCode).toBe(1);
  });

  it("configures the rules", async () => {
    writeFileSync(join(program.folder, "policies.json"), documentedBlocks(page, "json")[0] ?? "");
    const { exitCode, all } = await typed(configured);
    expect(all).not.toContain("intensive-average-value");
    expect(all).toMatch(/\[advisory\].* outage-reads-as-idle/);
    expect(all).toMatch(/\[mandatory\].* unknown-vllm-metric/);
    expect(exitCode).toBe(1);
  });
});

describe("what is not known yet, or secret", () => {
  const program = new Program("unsettled");
  beforeAll(() => program.must("stack", "init", "unsettled"));
  const wrong = ["max-replicas-unset", "two-scalers", "two-scalers", "unknown-vllm-metric"];

  it("is found where it is known and no secret", async () => {
    const { violations } = await program.preview({}, { SETTLED: "true" });
    expect(rulesOf(violations)).toEqual(wrong);
    expect(violations.find(({ policyName }) => policyName === "unknown-vllm-metric")?.message).toContain(
      "vllm:hunter2_waiting is in no release of vLLM",
    );
  });

  it("raises no alarm", async () => {
    const { exitCode, violations } = await program.preview();
    expect(violations).toEqual([]);
    expect(exitCode).toBe(0);
  });

  it("is not shown either where the pack is not told what is secret", async () => {
    const { violations } = await program.preview({ all: "mandatory" });
    expect(rulesOf(violations)).toEqual(["unknown-vllm-metric"]);
    expect(violations[0]?.message).toContain("Values are not shown: some of this stack may be secret");
    expect(violations[0]?.message).not.toContain("hunter2");
  });
});

it.each(["kubernetes", "openshift"])("says nothing about our own program in the environment %s", async (name) => {
  const stack = await Stack.create(withoutCluster, `policies-${name}`, `Pulumi.${name}.yaml`);
  const { exitCode, output } = await stack.pulumi(
    "preview",
    ...["--stack", stack.name, "--config-file", stack.configFile, "--policy-pack", pack],
  );
  expect(output).toMatch(/✅ vllm-serving@v\d+\.\d+\.\d+ \(local: /);
  expect(output).not.toMatch(/\[(mandatory|advisory)\]/);
  expect(exitCode).toBe(0);
});
