import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import { z } from "zod";
import { sandboxNodes, stages } from "../cluster";
import type { Parts } from "../supervisor/parts";
import type { Steps } from "../supervisor/progress";
import type { SandboxFiles } from "../supervisor/sandbox-directory";
import type { ToolPaths } from "../tools/ensure-tools";
import { applyDefinition, applyObjects, createObjects, requestApi } from "./api-client";
import { sandboxNames } from "./cluster-names";
import { apiServerArgs, controllerManagerArgs, etcdArgs, kwokArgs, loopback, schedulerArgs } from "./component-args";
import {
  type KedaOptions,
  type KedaPorts,
  kedaAdapterArgs,
  kedaEnvironment,
  kedaNamespace,
  kedaOperatorArgs,
  kedaProxyEnvironment,
  kedaWebhooksArgs,
} from "./keda-args";
import {
  externalMetricsApi,
  externalMetricsApiService,
  kedaAccess,
  kedaAdmission,
  kedaServiceAccount,
} from "./keda-objects";
import { kubeconfig } from "./kubeconfig";
import { type ClientName, createPki, type Pki, type PkiFiles, writePki } from "./pki";
import { allocatePort } from "./ports";
import { initialPrometheusConfig, prometheusAccess, prometheusArgs } from "./prometheus";
import { startSocksProxy } from "./socks-proxy";
import { acceptsConnections, answersOk, waitUntil } from "./wait";

/** Generous, because a first start on a busy machine reads large programs from disk. */
const startSeconds = 90;

const monitoringNamespace = "monitoring";

/** Steps of `ControlPlane.start` that a person sees. */
export const controlPlaneSteps = 8;

export interface ControlPlaneOptions {
  /** Name of the kubeconfig's context. */
  contextName: string;
  /** Port of 127.0.0.1 outside at which the user reaches the API server. */
  userApiServerPort: number;
  files: SandboxFiles;
  tools: ToolPaths;
  parts: Parts;
  steps: Steps;
}

export interface ControlPlane {
  kubeConfig: KubeConfig;
  apiServerPort: number;
  prometheusPort: number;
  pki: PkiFiles;
}

interface Ports {
  etcd: number;
  etcdPeer: number;
  apiServer: number;
  controllerManager: number;
  scheduler: number;
  kwok: number;
  keda: KedaPorts;
  socksProxy: number;
  prometheus: number;
}

/** Starts etcd, Kubernetes, kwok, KEDA and Prometheus; resolves when all of them serve. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { files, tools, parts, steps } = options;
  const { pki, pkiPaths, ports } = await steps.run("start:certificates", "Making certificates", () => prepare(files));
  const server = `https://${loopback}:${ports.apiServer}`;
  const kubeconfigs = writeKubeconfigs(files, pki, server);
  writeFileSync(
    files.kubeconfig,
    kubeconfig({
      name: options.contextName,
      server: `https://${loopback}:${options.userApiServerPort}`,
      certificateAuthority: pki.clusterCa,
      user: pki.clients.admin,
    }),
    { mode: 0o600 },
  );
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromFile(kubeconfigs.admin);

  const prometheus = steps.run("start:prometheus", "Starting Prometheus", () =>
    startPrometheus(options, ports.prometheus),
  );
  await steps.run("start:api-server", "Starting etcd and the API server", () =>
    startApiServer(options, ports, pkiPaths, kubeConfig),
  );

  const namespaces = applyObjects(kubeConfig, [
    namespace(kedaNamespace),
    namespace(monitoringNamespace),
    ...prometheusAccess(),
  ]);
  const definitions = steps.run("start:definitions", "Defining KEDA's, Prometheus Operator's and kwok's kinds", () =>
    applyDefinitions(kubeConfig, definitionFiles(tools)),
  );
  const controllers = steps.run("start:controllers", "Starting controller manager and scheduler", async () => {
    parts.start({
      name: "kube-controller-manager",
      command: tools.binaries["kube-controller-manager"],
      args: controllerManagerArgs({
        port: ports.controllerManager,
        kubeconfig: kubeconfigs.controllerManager,
        volumePlugins: join(files.directory, "volume-plugins"),
        pki: pkiPaths,
      }),
      restart: true,
    });
    parts.start({
      name: "kube-scheduler",
      command: tools.binaries["kube-scheduler"],
      args: schedulerArgs({ port: ports.scheduler, kubeconfig: kubeconfigs.scheduler }),
      restart: true,
    });
    await serving("kube-controller-manager", ports.controllerManager);
    await serving("kube-scheduler", ports.scheduler);
  });
  const nodes = steps.run("start:nodes", "Starting kwok and its nodes", async () => {
    await definitions;
    await applyObjects(kubeConfig, stages());
    parts.start({
      name: "kwok",
      command: tools.binaries.kwok,
      args: kwokArgs({ kubeconfig: kubeconfigs.kwok, port: ports.kwok }),
      restart: true,
    });
    await createObjects(kubeConfig, sandboxNodes());
    await nodesReady(kubeConfig);
  });
  const keda = steps.run("start:keda", "Starting KEDA", async () => {
    await namespaces;
    const kedaKubeconfig = await giveKedaAccess(kubeConfig, files, server, pki);
    await definitions;
    await startKeda(options, ports, { ports: ports.keda, kubeconfig: kedaKubeconfig, certificates: pkiPaths.keda });
  });
  const metricsApi = steps.run("start:external-metrics", "Joining KEDA to the API server", async () => {
    await keda;
    await joinKeda(kubeConfig, tools, ports.keda, pki.kedaCa);
  });
  await Promise.all([prometheus, namespaces, definitions, controllers, nodes, keda, metricsApi]);
  return { kubeConfig, apiServerPort: ports.apiServer, prometheusPort: ports.prometheus, pki: pkiPaths };
}

async function prepare(files: SandboxFiles): Promise<{ pki: Pki; pkiPaths: PkiFiles; ports: Ports }> {
  const pki = await createPki();
  for (const directory of [files.pki, files.kubeconfigs, files.prometheus]) {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  }
  return { pki, pkiPaths: writePki(pki, files.pki), ports: await allocatePorts() };
}

async function allocatePorts(): Promise<Ports> {
  return {
    etcd: await allocatePort(),
    etcdPeer: await allocatePort(),
    apiServer: await allocatePort(),
    controllerManager: await allocatePort(),
    scheduler: await allocatePort(),
    kwok: await allocatePort(),
    keda: {
      metricsService: await allocatePort(),
      operatorMetrics: await allocatePort(),
      operatorHealth: await allocatePort(),
      adapter: await allocatePort(),
      adapterMetrics: await allocatePort(),
      webhooks: await allocatePort(),
      webhooksMetrics: await allocatePort(),
      webhooksHealth: await allocatePort(),
    },
    socksProxy: await allocatePort(),
    prometheus: await allocatePort(),
  };
}

/** One kubeconfig for each client inside the sandbox. */
function writeKubeconfigs(files: SandboxFiles, pki: Pki, server: string): Record<ClientName, string> {
  const write = (name: ClientName): string => {
    const file = join(files.kubeconfigs, `${name}.yaml`);
    const text = kubeconfig({ name: "sandbox", server, certificateAuthority: pki.clusterCa, user: pki.clients[name] });
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  };
  return {
    admin: write("admin"),
    controllerManager: write("controllerManager"),
    scheduler: write("scheduler"),
    kwok: write("kwok"),
    prometheus: write("prometheus"),
  };
}

async function startPrometheus({ files, tools, parts }: ControlPlaneOptions, port: number): Promise<void> {
  writeFileSync(files.prometheusConfig, initialPrometheusConfig());
  parts.start({
    name: "prometheus",
    command: tools.binaries.prometheus,
    args: prometheusArgs({
      port,
      configFile: files.prometheusConfig,
      dataDirectory: join(files.prometheus, "data"),
    }),
    restart: true,
  });
  await waitUntil("Prometheus ready", startSeconds, () => answersOk(port, "/-/ready"));
}

async function startApiServer(
  { files, tools, parts }: ControlPlaneOptions,
  ports: Ports,
  pki: PkiFiles,
  kubeConfig: KubeConfig,
): Promise<void> {
  parts.start({
    name: "etcd",
    command: tools.binaries.etcd,
    args: etcdArgs({ dataDirectory: files.etcdData, clientPort: ports.etcd, peerPort: ports.etcdPeer, pki }),
    restart: true,
  });
  await serving("etcd", ports.etcd);
  parts.start({
    name: "kube-apiserver",
    command: tools.binaries["kube-apiserver"],
    args: apiServerArgs({ port: ports.apiServer, etcdPort: ports.etcd, pki }),
    restart: true,
  });
  await waitUntil("API server ready", startSeconds, async () => {
    const response = await requestApi(kubeConfig, "GET", "/readyz");
    return response.status === 200;
  });
}

function serving(name: string, port: number): Promise<void> {
  return waitUntil(`${name} listening on port ${port}`, startSeconds, () => acceptsConnections(port));
}

function namespace(name: string): object {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name } };
}

/** Kinds that something here serves or reads. */
function definitionFiles({ manifests }: ToolPaths): string[] {
  const folder = manifests["keda-crds"];
  const keda = readdirSync(folder).map((file) => join(folder, file));
  const monitoring = ["podmonitors", "servicemonitors", "prometheusrules"].map((kind) =>
    join(manifests["monitoring-crds"], `monitoring.coreos.com_${kind}.yaml`),
  );
  return [...keda, ...monitoring, join(manifests["kwok-crds"], "kwok.x-k8s.io_stages.yaml")];
}

/** Applies all, then waits until the API server serves them. */
async function applyDefinitions(kubeConfig: KubeConfig, crds: string[]): Promise<void> {
  const names = await Promise.all(crds.map((file) => applyDefinition(kubeConfig, readFileSync(file, "utf8"))));
  await Promise.all(
    names.map((name) =>
      conditionTrue(kubeConfig, `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${name}`, "Established"),
    ),
  );
}

const withConditions = z.object({
  status: z.object({
    conditions: z.array(z.object({ type: z.string(), status: z.string(), message: z.string().optional() })).default([]),
  }),
});

/** Waits until an object's condition is True. */
async function conditionTrue(kubeConfig: KubeConfig, path: string, type: string): Promise<void> {
  await waitUntil(`${path} ${type}`, startSeconds, async () => {
    const { body } = await requestApi(kubeConfig, "GET", path);
    const condition = withConditions.parse(JSON.parse(body)).status.conditions.find((entry) => entry.type === type);
    if (condition?.status === "True") return true;
    throw new Error(condition?.message ?? "no such condition yet");
  });
}

async function nodesReady(kubeConfig: KubeConfig): Promise<void> {
  const core = kubeConfig.makeApiClient(CoreV1Api);
  const wanted = sandboxNodes().length;
  await waitUntil(`${wanted} nodes Ready and schedulable`, startSeconds, async () => {
    const nodes = await core.listNode();
    const ready = nodes.items.filter(
      (node) =>
        node.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") === true &&
        node.spec?.taints?.some(({ key }) => key === "node.kubernetes.io/not-ready") !== true,
    );
    return ready.length === wanted;
  });
}

/** A ServiceAccount with upstream's roles, as in a real cluster, and a kubeconfig with a token of it. */
async function giveKedaAccess(kubeConfig: KubeConfig, files: SandboxFiles, server: string, pki: Pki): Promise<string> {
  await applyObjects(kubeConfig, kedaAccess());
  const request = await kubeConfig.makeApiClient(CoreV1Api).createNamespacedServiceAccountToken({
    name: kedaServiceAccount,
    namespace: kedaNamespace,
    body: { spec: { audiences: [], expirationSeconds: kedaTokenSeconds } },
  });
  const file = join(files.kubeconfigs, "keda.yaml");
  const token = request.status?.token ?? "";
  const text = kubeconfig({ name: "sandbox", server, certificateAuthority: pki.clusterCa, user: { token } });
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}

/** Nothing renews the token in the file, so it lasts longer than any sandbox: a year. */
const kedaTokenSeconds = 365 * 24 * 3600;

async function startKeda({ tools, parts }: ControlPlaneOptions, ports: Ports, keda: KedaOptions): Promise<void> {
  await startSocksProxy(ports.socksProxy, sandboxNames({ prometheus: { host: loopback, port: ports.prometheus } }));
  const env = kedaEnvironment(keda.kubeconfig);
  parts.start({
    name: "keda-operator",
    command: tools.binaries["keda-operator"],
    args: kedaOperatorArgs(keda),
    env: { ...env, ...kedaProxyEnvironment(ports.socksProxy) },
    restart: true,
  });
  parts.start({
    name: "keda-webhooks",
    command: tools.binaries["keda-admission-webhooks"],
    args: kedaWebhooksArgs(keda),
    env,
    restart: true,
  });
  parts.start({
    name: "keda-adapter",
    command: tools.binaries["keda-adapter"],
    args: kedaAdapterArgs(keda),
    env,
    restart: true,
  });
  await Promise.all([
    waitUntil("KEDA operator ready", startSeconds, () => answersOk(keda.ports.operatorHealth, "/readyz")),
    serving("KEDA operator's metrics service", keda.ports.metricsService),
    serving("KEDA admission webhooks", keda.ports.webhooks),
    serving("KEDA metrics adapter", keda.ports.adapter),
  ]);
}

/** Registered only now that it answers: the API server asks again only after a while when its first look fails. */
async function joinKeda(
  kubeConfig: KubeConfig,
  tools: ToolPaths,
  ports: KedaPorts,
  certificateAuthority: string,
): Promise<void> {
  const upstream = readFileSync(join(tools.manifests["keda-webhooks"], "validation_webhooks.yaml"), "utf8");
  await applyObjects(kubeConfig, [
    ...externalMetricsApi(ports.adapter, certificateAuthority),
    kedaAdmission(upstream, ports.webhooks, certificateAuthority),
  ]);
  await conditionTrue(
    kubeConfig,
    `/apis/apiregistration.k8s.io/v1/apiservices/${externalMetricsApiService}`,
    "Available",
  );
}
