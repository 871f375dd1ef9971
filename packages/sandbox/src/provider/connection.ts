import type { KubeConfig } from "@kubernetes/client-node";
import { messageOf } from "../message-of";
import { ApiClient } from "./api-client";
import { NoSuchKindError } from "./api-error";
import { kindFacts } from "./kinds";
import { contextNamespace, loadKubeConfig } from "./kubeconfig";
import type { ProviderSettings } from "./settings";

/** The cluster, or why it cannot be reached: previews do without it. */
export interface Connection {
  api: ApiClient | undefined;
  /** For programs that reach the cluster themselves. */
  kubeConfig?: KubeConfig;
  unreachableBecause: string;
  /** Namespace of objects that name none. */
  defaultNamespace: string;
}

export async function connect(settings: ProviderSettings): Promise<Connection> {
  let config: KubeConfig;
  try {
    config = loadKubeConfig(settings);
  } catch (error) {
    return unreachable(error, settings.namespace || "default");
  }
  const defaultNamespace = settings.namespace || contextNamespace(config);
  const api = new ApiClient(config);
  try {
    await api.checkReachable();
    return { api, kubeConfig: config, unreachableBecause: "", defaultNamespace };
  } catch (error) {
    return unreachable(error, defaultNamespace);
  }
}

function unreachable(error: unknown, defaultNamespace: string): Connection {
  const unreachableBecause = messageOf(error);
  return { api: undefined, unreachableBecause, defaultNamespace };
}

/** Whether a kind's objects are in namespaces. Of a custom resource whose definition is missing, yes. */
export async function isNamespaced(connection: Connection, apiVersion: string, kind: string): Promise<boolean> {
  const known = kindFacts(apiVersion, kind);
  if (known !== undefined) return known.namespaced;
  try {
    return (await connection.api?.servedKind(apiVersion, kind))?.namespaced ?? true;
  } catch (error) {
    if (error instanceof NoSuchKindError) return true;
    throw error;
  }
}

/** Whether the API server has a kind; not so when it cannot be reached. */
export async function kindExists(connection: Connection, apiVersion: string, kind: string): Promise<boolean> {
  try {
    return (await connection.api?.servedKind(apiVersion, kind)) !== undefined;
  } catch {
    return false;
  }
}
