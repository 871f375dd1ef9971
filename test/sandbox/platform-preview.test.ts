import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { stringify } from "yaml";
import { z } from "zod";
import { versions } from "../../src/versions";
import { type ChartRepository, chartRepository } from "./support/chart-repository";
import { PulumiProject, projectsFolder } from "./support/pulumi-project";
import { upstreamChart } from "./support/upstream-charts";

const folder = projectsFolder();
const project = new PulumiProject(inject("sandbox"), join(folder, "everything"));
const charts = mkdtempSync(join(tmpdir(), "vllm-serving-mirror-"));
let mirror: ChartRepository;

const real = ["cert-manager", "knative-operator", "kserve-crd", "kserve-resources", "kserve-runtime-configs"];

/** Charts that no Go module has: of these only the name and the version can be found. */
const nameOnly: Record<string, string> = {
  "gpu-operator": `v${versions.gpuOperator}`,
  keda: versions.keda,
  "keda-add-ons-http": versions.kedaHttpAddOn,
  "kube-prometheus-stack": versions.kubePrometheusStack,
};

function chartByName([name, version]: [string, string]): string {
  const chart = join(charts, name);
  mkdirSync(chart);
  writeFileSync(join(chart, "Chart.yaml"), stringify({ apiVersion: "v2", name, version }));
  return chart;
}

beforeAll(async () => {
  const upstream = await Promise.all(real.map((name) => upstreamChart(name, charts)));
  mirror = await chartRepository(charts, [...upstream, ...Object.entries(nameOnly).map(chartByName)]);
  writeFileSync(
    join(project.folder, "Pulumi.yaml"),
    stringify({ name: "everything", runtime: "nodejs", main: "index.js" }),
  );
  writeFileSync(
    join(project.folder, "index.js"),
    `
const k8s = require("@pulumi/kubernetes");
const { ServingPlatform } = require("vllm-serving");

// As in a pull request: without a cluster.
const kubeconfig = JSON.stringify({ apiVersion: "v1", kind: "Config", clusters: [], contexts: [], users: [] });
const provider = new k8s.Provider("cluster", { kubeconfig });
const piece = { mode: "install", chart: { repository: ${JSON.stringify(mirror.url)} } };
const everything = { prometheus: piece, certManager: piece, gpus: piece, keda: piece, kedaHttpAddon: piece, knative: piece };
const kserve = { ...piece, runtimes: ["huggingfaceserver"] };
new ServingPlatform("platform", { distribution: "kubernetes", kubeconfig, ...everything, kserve }, { provider });
`,
  );
  await project.must("stack", "init", "preview");
});
afterAll(() => {
  mirror.close();
  rmSync(folder, { recursive: true });
  rmSync(charts, { recursive: true });
});

const previewSchema = z.object({
  steps: z.array(
    z.object({
      op: z.string(),
      newState: z.object({ type: z.string(), inputs: z.looseObject({}).optional() }),
    }),
  ),
});

it("plans the whole platform on Kubernetes from a mirror's charts, each in the version that the mirror has", async () => {
  const printed = await project.must("preview", "--json", "--stack", "preview");
  const { steps } = previewSchema.parse(JSON.parse(printed));
  expect(new Set(steps.map(({ op }) => op))).toEqual(new Set(["create"]));
  const releases = steps.filter(({ newState }) => newState.type === "kubernetes:helm.sh/v3:Release");
  const found = releases.map(
    ({ newState: { inputs = {} } }) => `${inputs.namespace} ${inputs.chart} ${inputs.version}`,
  );
  expect(found.sort()).toEqual([
    "cert-manager cert-manager v1.21.2",
    "gpu-operator gpu-operator v26.7.0",
    "keda keda 2.20.2",
    "keda keda-add-ons-http 0.15.0",
    "knative-operator knative-operator 1.23.0",
    "kserve kserve-crd v0.20.0",
    "kserve kserve-resources v0.20.0",
    "kserve kserve-runtime-configs v0.20.0",
    "monitoring kube-prometheus-stack 88.5.3",
  ]);
});
