import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { ensureTools, type SandboxState } from "@vllm-serving/sandbox";
import { execa } from "execa";
import { parse } from "yaml";
import { z } from "zod";
import { definitionsServed } from "../../../packages/sandbox/src/control-plane/definitions";
import { clientsOf } from "./cluster";

const definitionSchema = z.looseObject({
  kind: z.literal("CustomResourceDefinition"),
  metadata: z.looseObject({ name: z.string() }),
  spec: z.looseObject({ group: z.string(), names: z.looseObject({ plural: z.string(), kind: z.string() }) }),
});
type Definition = z.infer<typeof definitionSchema>;

/** Definitions in groups of their own, so that they can stand beside others of the same kinds and nobody takes them for a platform. */
export interface ForeignDefinitions {
  definitions: Definition[];
  /** The same object, of the definition's group if it is one of these kinds. */
  renamed<T extends { apiVersion: string; kind: string }>(object: T): T;
}

/** Of the releases that the published set-ups have (OpenShift 4.18, Open Data Hub 2.33): KServe 0.15.2 and KEDA 2.17.2. */
export async function definitionsOfDocuments(): Promise<ForeignDefinitions> {
  const files = {
    "github.com/kedacore/keda/v2": ["scaledobjects", "triggerauthentications"].map(
      (plural) => `config/crd/bases/keda.sh_${plural}.yaml`,
    ),
    "github.com/kserve/kserve": ["inferenceservices", "localmodelcaches", "servingruntimes"].map(
      (plural) => `config/crd/full/serving.kserve.io_${plural}.yaml`,
    ),
  };
  return foreign(await upstreamFiles("documents", files), "documents.example.com");
}

/** Of platforms that the sandbox does not run, by the module that holds them and their files in it. */
const platformFiles: Record<string, string[]> = {
  "github.com/cert-manager/cert-manager": ["certificates", "clusterissuers", "issuers"].map(
    (plural) => `deploy/crds/cert-manager.io_${plural}.yaml`,
  ),
  "github.com/kserve/kserve": ["config/crd/full/localmodel/serving.kserve.io_localmodelcaches.yaml"],
  "github.com/operator-framework/api": ["operatorgroups", "subscriptions"].map(
    (plural) => `crds/operators.coreos.com_${plural}.yaml`,
  ),
  "knative.dev/operator": ["config/crd/bases/operator.knative.dev_knativeservings.yaml"],
  "knative.dev/serving": ["config/core/300-resources/service.yaml"],
  "sigs.k8s.io/gateway-api": ["gateways", "httproutes", "referencegrants"].map(
    (plural) => `config/crd/standard/gateway.networking.k8s.io_${plural}.yaml`,
  ),
};

/** Of platforms that the sandbox does not run: upstream's, and those of test/fixtures/definitions, which no registry serves. */
export async function platformDefinitions(): Promise<ForeignDefinitions> {
  const upstream = await upstreamFiles("definitions", platformFiles);
  const fixtures = resolve(__dirname, "../../fixtures/definitions");
  const ours = readdirSync(fixtures).filter((file) => file.endsWith(".yaml"));
  return foreign([...upstream, ...ours.map((file) => join(fixtures, file))], "platform.example.com");
}

/** Applies definitions and waits until they are served. @returns what takes them away again */
export async function applyForeign(
  sandbox: SandboxState,
  { definitions }: ForeignDefinitions,
): Promise<() => Promise<void>> {
  const list = { apiVersion: "v1", kind: "List", items: definitions };
  const must = async (...args: string[]): Promise<void> => {
    const said = await kubectl(sandbox, args, list);
    if (said !== "done") throw new Error(said);
  };
  // Too large for the annotation of a client-side apply; the server validates them.
  await must("apply", "--server-side", "--validate=false");
  await definitionsServed(clientsOf(sandbox).kubeConfig, definitions);
  return () => must("delete", "--wait=true");
}

async function kubectl(sandbox: SandboxState, args: string[], input: object): Promise<string> {
  const { binaries } = await ensureTools();
  const run = await execa(binaries.kubectl, [...args, "-f", "-"], {
    env: { KUBECONFIG: sandbox.kubeconfig },
    input: JSON.stringify(input),
    reject: false,
    all: true,
  });
  return run.exitCode === 0 ? "done" : run.all;
}

/** Files of Go modules, which are downloaded when they are not there. */
export async function upstreamFiles(goModule: string, files: Record<string, string[]>): Promise<string[]> {
  const names = Object.keys(files);
  const cwd = resolve(__dirname, "../modules", goModule);
  await execa("go", ["mod", "download", ...names], { cwd });
  const { stdout } = await execa("go", ["list", "-mod=readonly", "-m", "-f", "{{.Path}} {{.Dir}}", ...names], { cwd });
  return stdout
    .split("\n")
    .map((line) => line.split(" "))
    .flatMap(([name = "", folder = ""]) => (files[name] ?? []).map((file) => join(folder, file)));
}

/** The definitions of these files in groups of their own, which end in `suffix`. */
function foreign(files: string[], suffix: string): ForeignDefinitions {
  const originals = files.map((file) => definitionSchema.parse(parse(readFileSync(file, "utf8"))));
  const isOne = (apiVersion: string, kind: string): boolean =>
    originals.some(({ spec }) => apiVersion.startsWith(`${spec.group}/`) && spec.names.kind === kind);
  return {
    definitions: originals.map((definition) => inOwnGroup(definition, suffix)),
    renamed: (object) =>
      isOne(object.apiVersion, object.kind)
        ? { ...object, apiVersion: object.apiVersion.replace("/", `.${suffix}/`) }
        : object,
  };
}

function inOwnGroup({ metadata, spec, status: _, ...definition }: Definition, suffix: string): Definition {
  const group = `${spec.group}.${suffix}`;
  return { ...definition, metadata: { ...metadata, name: `${spec.names.plural}.${group}` }, spec: { ...spec, group } };
}
