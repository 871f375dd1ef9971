import {
  clusterMonitoringConfig,
  enableUserWorkload,
  userWorkloadConfig,
  userWorkloadPrometheus,
  userWorkloadSettings,
} from "../../../manifests/platform/openshift/user-workload-monitoring";
import { MergedConfigMap } from "../../cluster/merged-config-map";
import { ReadyObjects } from "../../cluster/ready-objects";
import type { MonitoringArgs } from "../monitoring-args";
import type { BuiltPiece, PieceBuild } from "../piece";

/** The API server is asked again while others write; that ends in seconds. */
const writeSeconds = 120;
/** Two pods with volumes. */
const startSeconds = 600;

/**
 * Monitoring of users' own projects, which OpenShift has switched off. Its ConfigMaps belong to everybody, so whatever the mode
 * only our settings are written, and on destroy put back as they were.
 */
export function userWorkloadMonitoring(
  { name, kubeconfig, child }: PieceBuild,
  { retention }: MonitoringArgs,
): BuiltPiece {
  const target = { kubeconfig, timeoutSeconds: writeSeconds };
  const enabled = new MergedConfigMap(
    `${name}-user-workload`,
    { ...target, configMap: clusterMonitoringConfig, settings: enableUserWorkload },
    child(),
  );
  const serving = new ReadyObjects(
    `${name}-prometheus`,
    { objects: [userWorkloadPrometheus], kubeconfig, timeoutSeconds: startSeconds },
    child([enabled]),
  );
  const configured =
    retention === undefined
      ? []
      : [
          new MergedConfigMap(
            `${name}-user-workload-config`,
            { ...target, configMap: userWorkloadConfig, settings: userWorkloadSettings(retention) },
            child([serving]),
          ),
        ];
  return {
    ready: [enabled, serving, ...configured],
    kept: ["cluster-monitoring-config and user-workload-monitoring-config with the settings of others."],
  };
}
