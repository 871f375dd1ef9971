import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, isAbsolute, join } from "node:path";
import { type ClusterResult, checkCluster, refuseCluster } from "./cluster-guard";
import type { ClusterConfiguration } from "./schema";

/**
 * Reads the kubeconfig that the configuration, else `KUBECONFIG`, else the home directory names, and checks the cluster it
 * selects. `{ missing: file }` if there is no such file, or nothing in it.
 */
export function findCluster(
  configuration: ClusterConfiguration,
  environment: NodeJS.ProcessEnv = process.env,
): ClusterResult | { missing: string } {
  const fromEnvironment = (environment.KUBECONFIG ?? "").split(delimiter).filter((part) => part !== "");
  if (configuration.kubeconfig === undefined && fromEnvironment.length > 1) {
    return refuseCluster(
      "kubeconfig",
      `Missing, and KUBECONFIG names ${fromEnvironment.length} files: name one of them here.`,
    );
  }
  const path = inHome(configuration.kubeconfig ?? fromEnvironment[0] ?? "~/.kube/config");
  if (!isAbsolute(path)) {
    return refuseCluster("kubeconfig", `Missing, and KUBECONFIG is the relative path ${path}: make it absolute.`);
  }
  const text = read(path);
  if (text === undefined) {
    return refuseCluster("kubeconfig", `${path} cannot be read: name another file, or allow it to be read.`);
  }
  return text.trim() === "" ? { missing: path } : checkCluster(text, path, configuration);
}

function inHome(path: string): string {
  return path.startsWith("~/") ? join(homedir(), path.slice(2)) : path;
}

/** A file that is not there reads as empty. */
function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ENOENT" ? "" : undefined;
  }
}
