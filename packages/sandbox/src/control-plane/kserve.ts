import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ToolPaths } from "../tools/ensure-tools";
import { type ManifestName, versionOf } from "../tools/families";
import { applyObjects } from "./api-client";
import { loopback } from "./component-args";
import { applyDefinitions } from "./definitions";
import { kserveConfig, kserveNamespace, kserveServiceAccount, kserveStorageContainer } from "./kserve-objects";
import { type Plane, serviceAccountKubeconfig, startSeconds } from "./plane";
import { allocatePort } from "./ports";
import { upstreamAccess } from "./upstream-manifests";
import { answersOk, waitUntil } from "./wait";
import { webhooksByUrl } from "./webhooks-by-url";

/**
 * Starts KServe's controller with upstream's permissions, and lets the API server ask its webhooks. Its namespace exists
 * before. The kinds of others are awaited: it looks once for those it works with.
 */
export async function startKserve(plane: Plane, otherDefinitions: Promise<void>): Promise<void> {
  const { tools, parts, kubeConfig, pki, pkiPaths } = plane;
  const version = versionOf("kserve");
  const definitions = applyDefinitions(kubeConfig, definitionFiles(tools));
  await applyObjects(kubeConfig, [
    ...upstreamAccess(tools.manifests["kserve-rbac"], kserveNamespace),
    kserveConfig(manifest(tools, "kserve-config", "inferenceservice.yaml"), version),
  ]);
  const kubeconfig = await serviceAccountKubeconfig(plane, { name: kserveServiceAccount, namespace: kserveNamespace });
  const ports = { webhooks: await allocatePort(), metrics: await allocatePort(), health: await allocatePort() };
  await Promise.all([definitions, otherDefinitions]);
  parts.start({
    name: "kserve-controller",
    command: tools.binaries["kserve-controller"],
    args: kserveArgs(ports),
    env: { KUBECONFIG: kubeconfig, POD_NAMESPACE: kserveNamespace, TMPDIR: pkiPaths.kserveTemporary },
    restart: true,
  });
  await waitUntil("KServe's controller ready", startSeconds, () => answersOk(ports.health, "/readyz"));
  await applyObjects(kubeConfig, [
    ...webhooksByUrl(manifest(tools, "kserve-webhooks", "manifests.yaml"), ports.webhooks, pki.kserveCa),
    kserveStorageContainer(manifest(tools, "kserve-storage-containers", "default.yaml"), version),
  ]);
}

interface KservePorts {
  webhooks: number;
  metrics: number;
  health: number;
}

/** `--webhook-port` takes no address: it listens on all of the network namespace's. */
function kserveArgs({ webhooks, metrics, health }: KservePorts): string[] {
  return [
    `--webhook-port=${webhooks}`,
    `--metrics-addr=${loopback}:${metrics}`,
    `--health-probe-addr=${loopback}:${health}`,
    "--zap-encoder=console",
    "--zap-time-encoding=rfc3339",
  ];
}

/** What upstream's `config/crd/full/kustomization.yaml` lists. */
function definitionFiles({ manifests }: ToolPaths): string[] {
  return [manifests["kserve-crds"], manifests["kserve-storage-container-crd"]].flatMap((folder) =>
    readdirSync(folder)
      .filter((file) => file.startsWith("serving.kserve.io_"))
      .map((file) => join(folder, file)),
  );
}

function manifest({ manifests }: ToolPaths, name: ManifestName, file: string): string {
  return readFileSync(join(manifests[name], file), "utf8");
}
