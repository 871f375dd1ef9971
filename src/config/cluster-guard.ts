import type { Problem } from "../policy/policy-input";
import { onlyContext, parseKubeconfig } from "./kubeconfig";
import { formatPath } from "./problems";
import type { ClusterConfiguration } from "./schema";

/** The cluster a kubeconfig selects. */
export interface SelectedCluster {
  context: string;
  server: string;
  /** Kubeconfig of this context alone. Holds credentials. */
  kubeconfig: string;
}

export type ClusterResult = { ok: true; cluster: SelectedCluster } | { ok: false; problems: Problem[] };

/**
 * Refuses a cluster that is not the one the environment expects. A stack that is pointed at another cluster would replace
 * everything there, so this is decided before a provider exists.
 *
 * @param kubeconfigText contents of `file`; problems never repeat them
 */
export function checkCluster(
  kubeconfigText: string,
  file: string,
  { context: wanted, expect }: Omit<ClusterConfiguration, "kubeconfig">,
): ClusterResult {
  const kubeconfig = parseKubeconfig(kubeconfigText);
  if (kubeconfig === undefined) {
    return refuseCluster("kubeconfig", `${file} is no kubeconfig: name another file.`);
  }
  const known = kubeconfig.contexts.map(({ name }) => name).join(", ") || "none";
  const name = wanted ?? kubeconfig["current-context"];
  if (name === "") {
    return refuseCluster(
      "context",
      `Missing, and ${file} has no current context. Choose one of its contexts: ${known}.`,
    );
  }
  const selected = kubeconfig.contexts.find((context) => context.name === name);
  if (selected === undefined) {
    return refuseCluster("context", `"${name}" is not in ${file}. Choose one of its contexts: ${known}.`);
  }
  const server = kubeconfig.clusters.find((cluster) => cluster.name === selected.context.cluster)?.cluster.server;
  if (server === undefined) {
    return refuseCluster(
      "context",
      `"${name}" is of cluster "${selected.context.cluster}", which ${file} does not have: mend the file.`,
    );
  }
  const problems = [
    ...mismatch("expect.context", expect.context, "context", name, file),
    ...mismatch("expect.server", expect.server, "API server", server, file),
  ];
  return problems.length === 0
    ? { ok: true, cluster: { context: name, server, kubeconfig: onlyContext(kubeconfig, name, file) } }
    : { ok: false, problems };
}

function mismatch(field: string, pattern: string | undefined, what: string, actual: string, file: string): Problem[] {
  if (pattern === undefined || matches(pattern, actual)) {
    return [];
  }
  return [
    {
      path: clusterPath(field),
      message: `Expected "${pattern}", but the ${what} selected in ${file} is "${actual}". Nothing was touched. Select the right cluster by KUBECONFIG or ${clusterPath("context")}, or correct what is expected.`,
    },
  ];
}

/** `*` stands for any characters, everything else for itself. A trailing slash means nothing. */
function matches(pattern: string, actual: string): boolean {
  const [expected, found] = [pattern.replace(/\/$/, ""), actual.replace(/\/$/, "")];
  const literals = expected.split("*").map((literal) => literal.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${literals.join(".*")}$`, "s").test(found);
}

/** A cluster that cannot be used, and why. */
export function refuseCluster(field: string, message: string): ClusterResult {
  return { ok: false, problems: [{ path: clusterPath(field), message }] };
}

function clusterPath(field: string): string {
  return formatPath(["cluster", field]);
}
