import { channels } from "../../../versions";
import type { PodToleration } from "../../vllm-server-options";
import type { PlatformGpus } from "../gpu-operator";
import { GpuDriver } from "../gpu-operator-values";
import { type OperatorInstallation, operatorInstallation } from "../operator";
import { PieceMode } from "../piece";

const discoveryNamespace = "openshift-nfd";

export function nodeFeatureDiscoveryOperator(given: PlatformGpus): OperatorInstallation {
  return operatorInstallation(
    {
      package: "nfd",
      namespace: discoveryNamespace,
      channel: channels.nodeFeatureDiscovery,
      catalog: "redhat-operators",
      targetNamespaces: [discoveryNamespace],
    },
    given.nodeFeatureDiscoveryOperator,
  );
}

export function certifiedGpuOperator(given: PlatformGpus): OperatorInstallation {
  const namespace = given.namespace ?? "nvidia-gpu-operator";
  return operatorInstallation(
    {
      package: "gpu-operator-certified",
      namespace,
      channel: channels.gpuOperator,
      catalog: "certified-operators",
      targetNamespaces: [namespace],
      // So that the cluster's Prometheus reads DCGM's metrics.
      monitored: true,
    },
    given.operator,
  );
}

function adopts({ mode }: PlatformGpus): boolean {
  return mode === PieceMode.Adopt;
}

/** What a setting that is given makes; nothing of one that is not. */
function ofGiven<Setting>(setting: Setting | undefined, made: (setting: Setting) => object): object {
  return setting === undefined ? {} : made(setting);
}

function givenPolicy({ tolerations, driver, serviceMonitorLabels }: PlatformGpus) {
  return {
    ...ofGiven(tolerations, (given) => ({ daemonsets: { tolerations: given } })),
    ...ofGiven(driver, (given) => ({ driver: { enabled: given !== GpuDriver.Node } })),
    ...ofGiven(serviceMonitorLabels, (additionalLabels) => ({
      dcgmExporter: { serviceMonitor: { additionalLabels } },
    })),
  };
}

function tolerationsOf({ tolerations = [] }: PlatformGpus): PodToleration[] {
  return [{ key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" }, ...tolerations];
}

/**
 * Labels nodes by their PCI devices' vendors: `feature.node.kubernetes.io/pci-10de.present` is how the GPU operator finds its
 * nodes. The classes are network cards, displays and accelerators, as in Red Hat's own example (openshift/cluster-nfd-operator,
 * `config/samples`). Of one that is adopted only the tolerations that are given are written.
 */
export function nodeFeatureDiscovery(given: PlatformGpus) {
  return {
    apiVersion: "nfd.openshift.io/v1",
    kind: "NodeFeatureDiscovery",
    metadata: {
      name: "nfd-instance",
      namespace: discoveryNamespace,
      annotations: { "pulumi.com/waitFor": "condition=Available" },
    },
    spec: adopts(given)
      ? ofGiven(given.tolerations, (workerTolerations) => ({ operand: { workerTolerations } }))
      : {
          operand: { servicePort: 12000, workerTolerations: tolerationsOf(given) },
          workerConfig: {
            configData: [
              "core:",
              "  sleepInterval: 60s",
              "sources:",
              "  pci:",
              '    deviceClassWhitelist: ["0200", "03", "12"]',
              '    deviceLabelFields: ["vendor"]',
              "",
            ].join("\n"),
          },
        },
  };
}

/**
 * What the operator puts on the GPU nodes: driver (built by OpenShift's driver toolkit), toolkit, device plugin, labels, and DCGM
 * with its ServiceMonitor. The device plugin has no configuration, so a GPU belongs to one pod: no time slices. Of one that is adopted
 * only what is given is written: how its drivers are installed and its GPUs are shared is its owner's.
 */
export function clusterPolicy(given: PlatformGpus) {
  const enabled = { enabled: true };
  const labels = given.serviceMonitorLabels;
  return {
    apiVersion: "nvidia.com/v1",
    kind: "ClusterPolicy",
    metadata: { name: "gpu-cluster-policy", annotations: { "pulumi.com/waitFor": "jsonpath={.status.state}=ready" } },
    spec: adopts(given)
      ? givenPolicy(given)
      : {
          operator: { use_ocp_driver_toolkit: true },
          daemonsets: {
            tolerations: tolerationsOf(given),
            updateStrategy: "RollingUpdate",
            rollingUpdate: { maxUnavailable: "1" },
          },
          cdi: enabled,
          driver: { enabled: given.driver !== GpuDriver.Node },
          toolkit: enabled,
          devicePlugin: enabled,
          dcgm: enabled,
          dcgmExporter: {
            ...enabled,
            serviceMonitor: { ...enabled, ...(labels === undefined ? {} : { additionalLabels: labels }) },
          },
          gfd: enabled,
          nodeStatusExporter: enabled,
          mig: { strategy: "single" },
          migManager: enabled,
          sandboxWorkloads: { enabled: false },
        },
  };
}
