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

const suffix = "strict-validation.example.com";

/** ServingRuntime and InferenceService as KServe 0.15.2 has them. */
export async function kserveLegacyDefinitions(): Promise<ForeignDefinitions> {
  const [folder] = await moduleFolders("kserve-legacy", ["github.com/kserve/kserve"]);
  const files = ["serving.kserve.io_inferenceservices.yaml", "serving.kserve.io_servingruntimes.yaml"];
  return foreign(files.map((file) => join(folder ?? "", "config/crd/full", file)));
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
  const folders = await moduleFolders("definitions", Object.keys(platformFiles));
  const upstream = Object.values(platformFiles).flatMap((files, i) =>
    files.map((file) => join(folders[i] ?? "", file)),
  );
  const fixtures = resolve(__dirname, "../../fixtures/definitions");
  const ours = readdirSync(fixtures).filter((file) => file.endsWith(".yaml"));
  return foreign([...upstream, ...ours.map((file) => join(fixtures, file))]);
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

/** Folders of Go modules, downloaded when they are not there. */
async function moduleFolders(goModule: string, names: string[]): Promise<string[]> {
  const cwd = resolve(__dirname, "../modules", goModule);
  await execa("go", ["mod", "download", ...names], { cwd });
  const { stdout } = await execa("go", ["list", "-mod=readonly", "-m", "-f", "{{.Dir}}", ...names], { cwd });
  return stdout.split("\n");
}

function foreign(files: string[]): ForeignDefinitions {
  const originals = files.map((file) => definitionSchema.parse(parse(readFileSync(file, "utf8"))));
  const isOne = (apiVersion: string, kind: string): boolean =>
    originals.some(({ spec }) => apiVersion.startsWith(`${spec.group}/`) && spec.names.kind === kind);
  return {
    definitions: originals.map(inOwnGroup),
    renamed: (object) =>
      isOne(object.apiVersion, object.kind)
        ? { ...object, apiVersion: object.apiVersion.replace("/", `.${suffix}/`) }
        : object,
  };
}

function inOwnGroup({ metadata, spec, status: _, ...definition }: Definition): Definition {
  const group = `${spec.group}.${suffix}`;
  return { ...definition, metadata: { ...metadata, name: `${spec.names.plural}.${group}` }, spec: { ...spec, group } };
}
