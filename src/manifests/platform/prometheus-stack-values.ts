import type { HelmValues } from "./helm-values";

/** Settings of the monitoring stack. */
export interface PrometheusStackSettings {
  /** How long metrics are kept, as Prometheus writes durations. @default the chart's, `10d`; what user-workload monitoring has, on OpenShift */
  retention?: string | undefined;
  /** Size of Prometheus' volume, as a Kubernetes quantity. @default none: metrics are gone when its pod is replaced */
  storage?: string | undefined;
  /** StorageClass of the volume. @default the cluster's default class */
  storageClassName?: string | undefined;
}

/** Values of the chart `kube-prometheus-stack` (prometheus-community/helm-charts, `charts/kube-prometheus-stack/values.yaml`). */
export function prometheusStackValues({ retention, storage, storageClassName }: PrometheusStackSettings): HelmValues {
  return {
    prometheus: {
      prometheusSpec: {
        // Else only monitors with the release's label are read, and a model's are not.
        podMonitorSelectorNilUsesHelmValues: false,
        serviceMonitorSelectorNilUsesHelmValues: false,
        ruleSelectorNilUsesHelmValues: false,
        ...(retention === undefined ? {} : { retention }),
        ...(storage === undefined
          ? {}
          : { storageSpec: { volumeClaimTemplate: { spec: claim(storage, storageClassName) } } }),
      },
    },
    // Nothing here needs them; the chart's Grafana has a login.
    grafana: { enabled: false },
    alertmanager: { enabled: false },
  };
}

function claim(storage: string, storageClassName: string | undefined): HelmValues {
  return {
    accessModes: ["ReadWriteOnce"],
    resources: { requests: { storage } },
    ...(storageClassName === undefined ? {} : { storageClassName }),
  };
}
