import { join } from "node:path";
import { CoreV1Api, type KubeConfig } from "@kubernetes/client-node";
import { sandboxNodes, stages } from "../cluster";
import { applyObjects, createObjects, requestApi } from "./api-client";
import { apiServerArgs, controllerManagerArgs, etcdArgs, kwokArgs, schedulerArgs } from "./component-args";
import type { ClientName } from "./pki";
import { type Plane, serving, startSeconds } from "./plane";
import { allocatePort } from "./ports";
import { waitUntil } from "./wait";

/** Paths of the kubeconfigs of those who speak to the API server with a certificate. */
export type Kubeconfigs = Record<ClientName, string>;

export async function startApiServer(
  { files, tools, parts, pkiPaths: pki, kubeConfig }: Plane,
  port: number,
): Promise<void> {
  const ports = { client: await allocatePort(), peer: await allocatePort() };
  parts.start({
    name: "etcd",
    command: tools.binaries.etcd,
    args: etcdArgs({ dataDirectory: files.etcdData, clientPort: ports.client, peerPort: ports.peer, pki }),
    restart: true,
  });
  await serving("etcd", ports.client);
  parts.start({
    name: "kube-apiserver",
    command: tools.binaries["kube-apiserver"],
    args: apiServerArgs({ port, etcdPort: ports.client, pki }),
    restart: true,
  });
  await waitUntil("API server ready", startSeconds, async () => {
    const response = await requestApi(kubeConfig, "GET", "/readyz");
    return response.status === 200;
  });
}

export async function startControllers(
  { files, tools, parts, pkiPaths: pki }: Plane,
  kubeconfigs: Kubeconfigs,
): Promise<void> {
  const ports = { controllerManager: await allocatePort(), scheduler: await allocatePort() };
  parts.start({
    name: "kube-controller-manager",
    command: tools.binaries["kube-controller-manager"],
    args: controllerManagerArgs({
      port: ports.controllerManager,
      kubeconfig: kubeconfigs.controllerManager,
      volumePlugins: join(files.directory, "volume-plugins"),
      pki,
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
}

/** kwok plays the kubelets of the sandbox's nodes. Its kinds are defined before. */
export async function startNodes({ tools, parts, kubeConfig }: Plane, kubeconfigs: Kubeconfigs): Promise<void> {
  await applyObjects(kubeConfig, stages());
  parts.start({
    name: "kwok",
    command: tools.binaries.kwok,
    args: kwokArgs({ kubeconfig: kubeconfigs.kwok, port: await allocatePort() }),
    restart: true,
  });
  await createObjects(kubeConfig, sandboxNodes());
  await nodesReady(kubeConfig);
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
