import { CoreV1Api, CustomObjectsApi, type KubeConfig } from "@kubernetes/client-node";
import { deleteNamespace } from "../cluster";
import type { FakeOlm } from "./fake-olm";

export const clusterConfig = { name: "cluster-monitoring-config", namespace: "openshift-monitoring" };
export const userWorkloadConfig = {
  name: "user-workload-monitoring-config",
  namespace: "openshift-user-workload-monitoring",
};

/** OpenShift's monitoring as far as it can be seen: its namespaces, its ConfigMap with a text, and a Prometheus that is Available. */
export async function openShiftMonitoring(
  kubeConfig: KubeConfig,
  olm: FakeOlm,
  text: string,
): Promise<() => Promise<void>> {
  const core = kubeConfig.makeApiClient(CoreV1Api);
  const { namespace } = userWorkloadConfig;
  for (const name of [clusterConfig.namespace, namespace]) {
    await olm.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
  }
  await core.createNamespacedConfigMap({
    namespace: clusterConfig.namespace,
    body: { metadata: clusterConfig, data: { "config.yaml": text } },
  });
  // OpenShift has another Prometheus Operator for it. The sandbox's leaves what names another alone, so that its status is ours to say.
  const annotations = { "operator.prometheus.io/controller-id": `${namespace}/prometheus-operator` };
  const [group, version, name] = ["monitoring.coreos.com", "v1", "user-workload"] as const;
  const prometheus = {
    apiVersion: `${group}/${version}`,
    kind: "Prometheus",
    metadata: { name, namespace, annotations },
  };
  await olm.apply({ ...prometheus, ...{ spec: {} } });
  const replicas = { replicas: 0, updatedReplicas: 0, availableReplicas: 0, unavailableReplicas: 0 };
  const condition = { type: "Available", status: "True", lastTransitionTime: new Date().toISOString() };
  const value = { paused: false, ...replicas, conditions: [condition] };
  await kubeConfig.makeApiClient(CustomObjectsApi).patchNamespacedCustomObjectStatus({
    ...{ group, version, plural: "prometheuses", namespace, name },
    body: [{ op: "add", path: "/status", value }],
  });
  return async () => {
    await core.deleteNamespacedConfigMap(clusterConfig);
    await deleteNamespace(core, namespace);
  };
}
