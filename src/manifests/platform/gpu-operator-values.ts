import type { PodToleration } from "../vllm-server-options";
import type { HelmValues } from "./helm-values";

/** Who puts NVIDIA's driver on the GPU nodes. */
export const GpuDriver = {
  /** The GPU operator, as a container on each node. */
  Operator: "operator",
  /** The node's image has it, as that of most managed node pools. */
  Node: "node",
} as const;
export type GpuDriver = (typeof GpuDriver)[keyof typeof GpuDriver];

/** Settings of NVIDIA's GPU operator. */
export interface GpuOperatorSettings {
  /**
   * Who puts the driver on the nodes: `operator` or `node`. Two drivers on one node break both.
   * @default `operator`
   */
  driver?: GpuDriver;
  /**
   * Have the operator bring node feature discovery, whose labels it needs. False where it runs already: two of them take each
   * other's labels away.
   * @default true
   */
  nodeFeatureDiscovery?: boolean | undefined;
  /** Taints of the GPU nodes that the operator's pods tolerate beside `nvidia.com/gpu`. @default none */
  tolerations?: PodToleration[] | undefined;
  /** Labels of DCGM exporter's ServiceMonitor, for a Prometheus that selects monitors by label. @default none */
  serviceMonitorLabels?: Record<string, string> | undefined;
  /**
   * Time slices a GPU has on nodes labelled `nvidia.com/device-plugin.config: shared`, for notebooks and experiments. Their product
   * label ends in `-SHARED`, which no model with an objective takes: slices share memory and time without any bound. Nodes without
   * the label keep whole GPUs.
   * @default none: no node can be shared
   */
  timeSlices?: number | undefined;
}

/** Taint of GPU nodes that the operator's pods tolerate by default; lists of values replace the chart's. */
const gpuTaint: PodToleration = { key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" };
const controlPlaneTaint: PodToleration = {
  key: "node-role.kubernetes.io/control-plane",
  operator: "Equal",
  value: "",
  effect: "NoSchedule",
};

/** Values of the chart `gpu-operator` (NVIDIA/gpu-operator, `deployments/gpu-operator/values.yaml`). */
export function gpuOperatorValues(settings: GpuOperatorSettings): HelmValues {
  const { driver = GpuDriver.Operator, nodeFeatureDiscovery = true, tolerations = [], timeSlices } = settings;
  return {
    nfd: { enabled: nodeFeatureDiscovery },
    driver: { enabled: driver === GpuDriver.Operator },
    ...(tolerations.length === 0 ? {} : tolerationValues(tolerations, nodeFeatureDiscovery)),
    ...(settings.serviceMonitorLabels === undefined
      ? {}
      : { dcgmExporter: { serviceMonitor: { additionalLabels: settings.serviceMonitorLabels } } }),
    ...(timeSlices === undefined ? {} : { devicePlugin: { config: sharingConfiguration(timeSlices) } }),
  };
}

function tolerationValues(tolerations: readonly PodToleration[], nodeFeatureDiscovery: boolean): HelmValues {
  const listed = (...taints: PodToleration[]) => [...taints, ...tolerations].map(tolerationValue);
  return {
    daemonsets: { tolerations: listed(gpuTaint) },
    ...(nodeFeatureDiscovery
      ? { "node-feature-discovery": { worker: { tolerations: listed(controlPlaneTaint, gpuTaint) } } }
      : {}),
  };
}

function tolerationValue({ key, operator, value, effect, tolerationSeconds }: PodToleration): HelmValues {
  return {
    ...(key === undefined ? {} : { key }),
    ...(operator === undefined ? {} : { operator }),
    ...(value === undefined ? {} : { value }),
    ...(effect === undefined ? {} : { effect }),
    ...(tolerationSeconds === undefined ? {} : { tolerationSeconds }),
  };
}

/** Configurations of the device plugin, which a node chooses by its label; without one it has the default. */
function sharingConfiguration(timeSlices: number): HelmValues {
  return {
    create: true,
    name: "device-plugin-config",
    default: "exclusive",
    data: {
      exclusive: "version: v1\n",
      shared: [
        "version: v1",
        "sharing:",
        "  timeSlicing:",
        "    resources:",
        "      - name: nvidia.com/gpu",
        `        replicas: ${timeSlices}`,
        "",
      ].join("\n"),
    },
  };
}
