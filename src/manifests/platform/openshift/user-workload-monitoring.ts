import type { YamlSetting } from "../merged-yaml";
import type { ReadyObject } from "../readiness";

const key = "config.yaml";

/** Configuration of OpenShift's monitoring, which every team of a cluster shares. */
export const clusterMonitoringConfig = { namespace: "openshift-monitoring", name: "cluster-monitoring-config", key };
export const userWorkloadConfig = {
  namespace: "openshift-user-workload-monitoring",
  name: "user-workload-monitoring-config",
  key,
};

export const enableUserWorkload: YamlSetting[] = [{ path: ["enableUserWorkload"], value: true }];

export function userWorkloadSettings(retention: string): YamlSetting[] {
  return [{ path: ["prometheus", "retention"], value: retention }];
}

/** The Prometheus that reads models' metrics. OpenShift makes its namespace with it. */
export const userWorkloadPrometheus: ReadyObject = {
  apiVersion: "monitoring.coreos.com/v1",
  kind: "Prometheus",
  namespace: userWorkloadConfig.namespace,
  name: "user-workload",
  condition: "Available",
};
