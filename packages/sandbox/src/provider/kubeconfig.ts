import { readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { type Cluster, KubeConfig } from "@kubernetes/client-node";
import { at, equalJson, type Json, type JsonObject, stringAt, toJson } from "./json";
import { isUnknown } from "./property-values";

/** What of the provider's settings chooses the cluster. */
export interface ClusterSettings {
  /** Contents (YAML or JSON) or path of a kubeconfig; the usual places (`KUBECONFIG`, `~/.kube/config`) when empty. */
  kubeconfig: string;
  context: string;
  cluster: string;
}

/** @throws Error that never repeats the contents, which may hold credentials. */
export function loadKubeConfig(settings: ClusterSettings): KubeConfig {
  const config = new KubeConfig();
  if (settings.kubeconfig === "") loadFromUsualPlaces(config);
  else loadText(config, settings.kubeconfig);
  if (settings.context !== "") {
    if (config.getContextObject(settings.context) === null) {
      throw new Error(`context "${settings.context}" does not exist in the kubeconfig`);
    }
    config.setCurrentContext(settings.context);
  }
  if (settings.cluster !== "") useCluster(config, settings.cluster);
  if (config.getCurrentCluster() === null) {
    throw new Error("the kubeconfig has no current context with a cluster");
  }
  return config;
}

/** The namespace of objects that name none. */
export function contextNamespace(config: KubeConfig): string {
  return config.getContextObject(config.getCurrentContext())?.namespace || "default";
}

function loadFromUsualPlaces(config: KubeConfig): void {
  const paths = (process.env.KUBECONFIG ?? "").split(delimiter).filter((path) => path !== "");
  const files = (paths.length > 0 ? paths : [join(homedir(), ".kube", "config")]).filter(isFile);
  const [first, ...more] = files;
  if (first === undefined) throw new Error("no kubeconfig found: KUBECONFIG and ~/.kube/config name no file");
  loadText(config, first);
  for (const file of more) {
    const other = new KubeConfig();
    loadText(other, file);
    config.mergeConfig(other, true);
  }
}

function loadText(config: KubeConfig, pathOrContents: string): void {
  const path = pathOrContents.replace(/^~(?=\/|$)/, homedir());
  const fromFile = isFile(path);
  try {
    config.loadFromString(fromFile ? readFileSync(path, "utf8") : pathOrContents);
    if (fromFile) config.makePathsAbsolute(dirname(path));
  } catch {
    throw new Error(
      fromFile ? `${path} is not a kubeconfig` : "the kubeconfig is neither the path of a file nor valid contents",
    );
  }
}

function isFile(path: string): boolean {
  return !path.includes("\n") && path.length < 4096 && (statSync(path, { throwIfNoEntry: false })?.isFile() ?? false);
}

function useCluster(config: KubeConfig, name: string): void {
  const cluster = config.getCluster(name);
  const user = config.getCurrentUser();
  if (cluster === null) throw new Error(`cluster "${name}" does not exist in the kubeconfig`);
  const namespace = contextNamespace(config);
  const context = { name: "selected", cluster: cluster.name, user: user?.name ?? "", namespace };
  config.contexts = [...config.contexts, context];
  config.setCurrentContext(context.name);
}

export interface ConfigDiff {
  changes: boolean;
  diffs: string[];
  replaces: string[];
}

/**
 * What a change of the provider's settings does. Every object is replaced when the active cluster is another one; not
 * when only the credentials, the path or the other clusters in the file changed. With the same `clusterIdentifier` before
 * and after, nothing is replaced.
 */
export function diffProviderConfig(olds: JsonObject, news: JsonObject): ConfigDiff {
  const keys = [...new Set([...Object.keys(olds), ...Object.keys(news)])];
  const diffs = keys.filter((key) => !equalJson(olds[key], news[key]));
  if (diffs.length === 0) return { changes: false, diffs, replaces: [] };

  const [oldIdentifier, newIdentifier] = [at(olds, "clusterIdentifier"), at(news, "clusterIdentifier")];
  if (newIdentifier !== undefined && equalJson(oldIdentifier, newIdentifier))
    return { changes: true, diffs, replaces: [] };
  const identifierChanged = oldIdentifier !== undefined && newIdentifier !== undefined;
  const replaces = identifierChanged ? ["clusterIdentifier"] : [];

  const clusterKeys = ["kubeconfig", "context", "cluster"];
  const unknown = clusterKeys.find((key) => isUnknown(news[key]));
  if (unknown !== undefined) return { changes: true, diffs: [unknown], replaces: [...replaces, unknown] };

  const before = activeCluster(olds);
  const after = activeCluster(news);
  if (before !== undefined && after !== undefined && !equalJson(before, after)) {
    replaces.push(...clusterKeys.filter((key) => diffs.includes(key)));
  }
  if (diffs.includes("renderYamlToDirectory")) replaces.push("renderYamlToDirectory");
  return { changes: true, diffs, replaces };
}

/** How the current cluster is reached; undefined when that cannot be told from the settings alone. */
function activeCluster(settings: JsonObject): Json | undefined {
  const kubeconfig = settings.kubeconfig;
  const text = typeof kubeconfig === "object" && kubeconfig !== null ? JSON.stringify(kubeconfig) : kubeconfig;
  if (typeof text !== "string" || text === "") return undefined;
  try {
    const config = loadKubeConfig({
      kubeconfig: text,
      context: stringAt(settings, "context"),
      cluster: stringAt(settings, "cluster"),
    });
    return withoutName(config.getCurrentCluster());
  } catch {
    return undefined;
  }
}

function withoutName(cluster: Cluster | null): Json | undefined {
  if (cluster === null) return undefined;
  const { name: _name, ...connection } = cluster;
  return toJson(connection);
}
