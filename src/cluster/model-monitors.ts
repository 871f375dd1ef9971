import { type ModelMonitor, modelMonitors, monitorKinds } from "../manifests/model-monitors";
import { clusterApi, isDenied, namesCluster, reasonOf } from "./cluster-api";

/** What was found, and why it may not be all. */
export interface MonitorSearch {
  monitors: ModelMonitor[];
  problem?: string | undefined;
  /** Whether the credentials are the problem, so that another try ends the same. */
  denied?: boolean | undefined;
}

/** Looks in the cluster for what scrapes models already. Without a cluster, or without Prometheus Operator, nothing does. */
export async function findModelMonitors(kubeconfig: string): Promise<MonitorSearch> {
  if (!namesCluster(kubeconfig)) {
    return { monitors: [] };
  }
  const api = clusterApi(kubeconfig);
  try {
    const listed = await Promise.all(monitorKinds.map((kind) => api.list("monitoring.coreos.com/v1", kind)));
    return { monitors: modelMonitors(listed.flat()) };
  } catch (error) {
    return { monitors: [], problem: reasonOf(error), denied: isDenied(error) };
  }
}
