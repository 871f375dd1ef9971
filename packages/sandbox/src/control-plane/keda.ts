import { readFileSync } from "node:fs";
import { join } from "node:path";
import { applyObjects } from "./api-client";
import {
  type KedaPorts,
  kedaAdapterArgs,
  kedaEnvironment,
  kedaNamespace,
  kedaOperatorArgs,
  kedaWebhooksArgs,
} from "./keda-args";
import { externalMetricsApi, externalMetricsApiService, kedaAccess, kedaServiceAccount } from "./keda-objects";
import { conditionTrue, type Plane, serviceAccountKubeconfig, serving, startSeconds } from "./plane";
import { allocatePort } from "./ports";
import { proxyEnvironment } from "./proxy-environment";
import { answersOk, waitUntil } from "./wait";
import { webhooksByUrl } from "./webhooks-by-url";

/** Starts KEDA's three programs with upstream's permissions. Its namespace exists before, its kinds are awaited. */
export async function startKeda(plane: Plane, definitions: Promise<void>): Promise<KedaPorts> {
  const { tools, parts, kubeConfig } = plane;
  await applyObjects(kubeConfig, kedaAccess());
  const kubeconfig = await serviceAccountKubeconfig(plane, { name: kedaServiceAccount, namespace: kedaNamespace });
  const ports = await allocatePorts();
  const keda = { ports, kubeconfig, certificates: plane.pkiPaths.keda };
  const env = kedaEnvironment(kubeconfig);
  await definitions;
  parts.start({
    name: "keda-operator",
    command: tools.binaries["keda-operator"],
    args: kedaOperatorArgs(keda),
    env: { ...env, ...proxyEnvironment(plane.proxyPorts) },
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
    waitUntil("KEDA operator ready", startSeconds, () => answersOk(ports.operatorHealth, "/readyz")),
    serving("KEDA operator's metrics service", ports.metricsService),
    serving("KEDA admission webhooks", ports.webhooks),
    serving("KEDA metrics adapter", ports.adapter),
  ]);
  return ports;
}

async function allocatePorts(): Promise<KedaPorts> {
  return {
    metricsService: await allocatePort(),
    operatorMetrics: await allocatePort(),
    operatorHealth: await allocatePort(),
    adapter: await allocatePort(),
    adapterMetrics: await allocatePort(),
    webhooks: await allocatePort(),
    webhooksMetrics: await allocatePort(),
    webhooksHealth: await allocatePort(),
  };
}

/** Registered only now that it answers: the API server asks again only after a while when its first look fails. */
export async function joinKeda({ kubeConfig, tools, pki }: Plane, ports: KedaPorts): Promise<void> {
  const upstream = readFileSync(join(tools.manifests["keda-webhooks"], "validation_webhooks.yaml"), "utf8");
  await applyObjects(kubeConfig, [
    ...externalMetricsApi(ports.adapter, pki.kedaCa),
    ...webhooksByUrl(upstream, ports.webhooks, pki.kedaCa),
  ]);
  await conditionTrue(
    kubeConfig,
    `/apis/apiregistration.k8s.io/v1/apiservices/${externalMetricsApiService}`,
    "Available",
  );
}
