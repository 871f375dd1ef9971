import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { execa } from "execa";
import { z } from "zod";
import { versions } from "../../../src/versions";

/** A chart as its repository has it, and what upstream's release scripts put into it. */
interface UpstreamChart {
  module: string;
  folder: string;
  /** Text of a file, and what it becomes. */
  released: { file: string; from: RegExp; to: string }[];
}

const kserve = (chart: string): UpstreamChart => ({
  module: "github.com/kserve/kserve",
  folder: `charts/${chart}`,
  released: [],
});

/** Charts that are in Go modules. Those of KEDA, NVIDIA and prometheus-community are in none. */
const charts: Readonly<Record<string, UpstreamChart>> = {
  "cert-manager": {
    module: "github.com/cert-manager/cert-manager",
    folder: "deploy/charts/cert-manager",
    released: [{ file: "Chart.yaml", from: /v0\.0\.0/g, to: `v${versions.certManager}` }],
  },
  "knative-operator": {
    module: "knative.dev/operator",
    folder: "config/charts/knative-operator",
    released: [
      { file: "Chart.yaml", from: /\{\{ version \}\}/g, to: versions.knativeOperator },
      { file: "values.yaml", from: /\{\{ tag \}\}/g, to: `v${versions.knativeOperator}` },
    ],
  },
  "kserve-crd": kserve("kserve-crd"),
  "kserve-resources": kserve("kserve-resources"),
  "kserve-runtime-configs": kserve("kserve-runtime-configs"),
};

const moduleSchema = z.object({ Dir: z.string() });

/** Puts the real chart into a folder. @returns where it is */
export async function upstreamChart(name: string, folder: string): Promise<string> {
  const chart = charts[name];
  if (chart === undefined) throw new Error(`No Go module has the chart ${name}.`);
  const cwd = resolve(__dirname, "../modules/charts");
  const { stdout } = await execa("go", ["mod", "download", "-json", chart.module], { cwd });
  const { Dir } = moduleSchema.parse(JSON.parse(stdout));
  const target = join(folder, name);
  cpSync(join(Dir, chart.folder), target, { recursive: true });
  // Files of a module are read-only.
  await execa("chmod", ["-R", "u+w", target]);
  for (const { file, from, to } of chart.released) {
    const path = join(target, file);
    writeFileSync(path, readFileSync(path, "utf8").replace(from, to));
  }
  return target;
}
