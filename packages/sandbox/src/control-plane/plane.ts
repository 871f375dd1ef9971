import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { CoreV1Api, type KubeConfig } from "@kubernetes/client-node";
import { z } from "zod";
import type { Parts } from "../supervisor/parts";
import type { Steps } from "../supervisor/progress";
import type { SandboxFiles } from "../supervisor/sandbox-directory";
import type { ToolPaths } from "../tools/ensure-tools";
import { requestApi } from "./api-client";
import type { ClusterNames } from "./cluster-names";
import { kubeconfig } from "./kubeconfig";
import type { Pki, PkiFiles } from "./pki";
import type { ProxyPorts } from "./proxy-environment";
import { acceptsConnections, waitUntil } from "./wait";

/** Generous, because a first start on a busy machine reads large programs from disk. */
export const startSeconds = 90;

/** What every part of the control plane is started with. */
export interface Plane {
  files: SandboxFiles;
  tools: ToolPaths;
  parts: Parts;
  steps: Steps;
  pki: Pki;
  pkiPaths: PkiFiles;
  /** The API server's URL inside the sandbox. */
  server: string;
  /** Administrator of the cluster. */
  kubeConfig: KubeConfig;
  /** What other parts reach under its name in the cluster is registered here. */
  names: ClusterNames;
  /** Of the proxies that know these names. */
  proxyPorts: ProxyPorts;
}

export function namespace(name: string): object {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name } };
}

export function serving(name: string, port: number): Promise<void> {
  return waitUntil(`${name} listening on port ${port}`, startSeconds, () => acceptsConnections(port));
}

const withConditions = z.object({
  status: z.object({
    conditions: z.array(z.object({ type: z.string(), status: z.string(), message: z.string().optional() })).default([]),
  }),
});

/** Waits until an object's condition is True. */
export async function conditionTrue(kubeConfig: KubeConfig, path: string, type: string): Promise<void> {
  await waitUntil(`${path} ${type}`, startSeconds, async () => {
    const { body } = await requestApi(kubeConfig, "GET", path);
    const condition = withConditions.parse(JSON.parse(body)).status.conditions.find((entry) => entry.type === type);
    if (condition?.status === "True") return true;
    throw new Error(condition?.message ?? "no such condition yet");
  });
}

/** Nothing renews the token, so it lasts longer than any sandbox: a year. */
const tokenSeconds = 365 * 24 * 3600;

interface ServiceAccountName {
  name: string;
  namespace: string;
}

export async function serviceAccountToken(kubeConfig: KubeConfig, account: ServiceAccountName): Promise<string> {
  const request = await kubeConfig.makeApiClient(CoreV1Api).createNamespacedServiceAccountToken({
    ...account,
    body: { spec: { audiences: [], expirationSeconds: tokenSeconds } },
  });
  return request.status?.token ?? "";
}

/** Writes a kubeconfig with a token of a ServiceAccount, so that a part has the permissions it has in a cluster. @returns its path. */
export async function serviceAccountKubeconfig(
  { kubeConfig, files, server, pki }: Plane,
  account: ServiceAccountName,
): Promise<string> {
  const user = { token: await serviceAccountToken(kubeConfig, account) };
  const file = join(files.kubeconfigs, `${account.namespace}-${account.name}.yaml`);
  const text = kubeconfig({ name: "sandbox", server, certificateAuthority: pki.clusterCa, user });
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}
