import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { KubeConfig } from "@kubernetes/client-node";
import type { Parts } from "../supervisor/parts";
import type { Steps } from "../supervisor/progress";
import type { SandboxFiles } from "../supervisor/sandbox-directory";
import type { ToolPaths } from "../tools/ensure-tools";
import { applyObjects } from "./api-client";
import { ClusterNames } from "./cluster-names";
import { loopback } from "./component-args";
import { startConnectProxy } from "./connect-proxy";
import { applyDefinitions } from "./definitions";
import { startHttpAddOn } from "./http-add-on";
import { joinKeda, startKeda } from "./keda";
import { kedaNamespace } from "./keda-args";
import { startKserve } from "./kserve";
import { kserveNamespace } from "./kserve-objects";
import { kubeconfig } from "./kubeconfig";
import { type Kubeconfigs, startApiServer, startControllers, startNodes } from "./kubernetes";
import { type ClientName, createPki, type Pki, writePki } from "./pki";
import { namespace, type Plane } from "./plane";
import { allocatePort } from "./ports";
import { startPrometheus } from "./prometheus";
import { monitoringNamespace } from "./prometheus-objects";
import { startPrometheusOperator } from "./prometheus-operator";
import { startSocksProxy } from "./socks-proxy";
import { startThanosQuerier } from "./thanos-querier";

/** Steps of `startControlPlane` that a person sees. */
export const controlPlaneSteps = 12;

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
  /** Where KEDA's HTTP add-on takes requests. */
  interceptorPort: number;
  /** Resolves what the parts ask for by the cluster's names. */
  names: ClusterNames;
  thanosQuerierPort: number;
  /** Certificate of the authority that signs those of Services. */
  serviceCa: string;
}

/** Starts etcd, Kubernetes, kwok, KEDA with its HTTP add-on, KServe, and Prometheus with its operator; resolves when all of them serve. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { steps } = options;
  const apiServerPort = await allocatePort();
  const { plane, kubeconfigs } = await steps.run("start:certificates", "Making certificates", () =>
    prepare(options, apiServerPort),
  );
  const { kubeConfig, names } = plane;

  const prometheus = steps.run("start:prometheus", "Starting Prometheus", () => startPrometheus(plane));
  await steps.run("start:api-server", "Starting etcd and the API server", () => startApiServer(plane, apiServerPort));

  const namespaces = applyObjects(kubeConfig, [kedaNamespace, kserveNamespace, monitoringNamespace].map(namespace));
  const definitions = steps.run("start:definitions", "Defining KEDA's, Prometheus Operator's and kwok's kinds", () =>
    applyDefinitions(kubeConfig, definitionFiles(plane.tools)),
  );
  const controllers = steps.run("start:controllers", "Starting controller manager and scheduler", () =>
    startControllers(plane, kubeconfigs),
  );
  const nodes = steps.run("start:nodes", "Starting kwok and its nodes", async () => {
    await definitions;
    await startNodes(plane, kubeconfigs);
  });
  const proxies = Promise.all([
    startSocksProxy(plane.proxyPorts.socks, names.resolve),
    startConnectProxy(plane.proxyPorts.connect, names.resolve),
  ]);
  const keda = steps.run("start:keda", "Starting KEDA", async () => {
    await Promise.all([namespaces, proxies]);
    return startKeda(plane, definitions);
  });
  const operator = steps.run("start:prometheus-operator", "Starting Prometheus Operator", async () => {
    await namespaces;
    return startPrometheusOperator(plane, { definitions, prometheusPort: await prometheus });
  });
  const thanosQuerier = steps.run("start:thanos-querier", "Starting OpenShift's metrics path", async () =>
    startThanosQuerier(plane, await prometheus),
  );
  const metricsApi = steps.run("start:external-metrics", "Joining KEDA to the API server", async () =>
    joinKeda(plane, await keda),
  );
  const httpAddOn = steps.run("start:http-add-on", "Starting KEDA's HTTP add-on", async () => {
    await Promise.all([namespaces, proxies]);
    return startHttpAddOn(plane, definitions);
  });
  const kserve = steps.run("start:kserve", "Starting KServe", async () => {
    await namespaces;
    return startKserve(plane, definitions);
  });
  await Promise.all([
    namespaces,
    definitions,
    controllers,
    nodes,
    operator,
    thanosQuerier,
    metricsApi,
    httpAddOn,
    kserve,
  ]);
  return {
    kubeConfig,
    apiServerPort,
    prometheusPort: await prometheus,
    interceptorPort: await httpAddOn,
    names,
    thanosQuerierPort: await thanosQuerier,
    serviceCa: plane.pki.serviceCa,
  };
}

/** Certificates, kubeconfigs and folders: all that is there before the first process. */
async function prepare(
  options: ControlPlaneOptions,
  apiServerPort: number,
): Promise<{ plane: Plane; kubeconfigs: Kubeconfigs }> {
  const { files, tools, parts, steps } = options;
  const pki = await createPki();
  for (const directory of [files.pki, files.kubeconfigs, files.prometheus]) {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  }
  const pkiPaths = writePki(pki, files.pki);
  const server = `https://${loopback}:${apiServerPort}`;
  const kubeconfigs = writeKubeconfigs(files, pki, server);
  const user = { server: `https://${loopback}:${options.userApiServerPort}`, user: pki.clients.admin };
  writeFileSync(
    files.kubeconfig,
    kubeconfig({ name: options.contextName, certificateAuthority: pki.clusterCa, ...user }),
    { mode: 0o600 },
  );
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromFile(kubeconfigs.admin);
  const names = new ClusterNames();
  const proxyPorts = { socks: await allocatePort(), connect: await allocatePort() };
  return { plane: { files, tools, parts, steps, pki, pkiPaths, server, kubeConfig, names, proxyPorts }, kubeconfigs };
}

/** One kubeconfig for each client inside the sandbox. */
function writeKubeconfigs(files: SandboxFiles, pki: Pki, server: string): Kubeconfigs {
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
  };
}

/** Kinds that something here serves or reads. Prometheus Operator does not start without Probe. */
function definitionFiles({ manifests }: ToolPaths): string[] {
  const keda = [manifests["keda-crds"], manifests["http-add-on-crds"]].flatMap((folder) =>
    readdirSync(folder).map((file) => join(folder, file)),
  );
  const monitoring = ["prometheuses", "podmonitors", "servicemonitors", "probes", "prometheusrules"].map((kind) =>
    join(manifests["monitoring-crds"], `monitoring.coreos.com_${kind}.yaml`),
  );
  return [...keda, ...monitoring, join(manifests["kwok-crds"], "kwok.x-k8s.io_stages.yaml")];
}
