import type { KubernetesObject } from "../manifests/kubernetes-object";

/**
 * Steps in which objects are applied. Those of one step do not need each other; the numbers leave room, so that a new step renames
 * no file.
 */
const steps: readonly { wave: number; kinds: readonly string[] }[] = [
  { wave: 0, kinds: ["Namespace"] },
  { wave: 10, kinds: ["OperatorGroup", "Subscription"] },
  // The GPU operator reads the labels of node feature discovery, OpenShift AI's components its initialization.
  { wave: 20, kinds: ["NodeFeatureDiscovery", "DSCInitialization"] },
  { wave: 25, kinds: ["ClusterPolicy", "KedaController", "KnativeServing", "DataScienceCluster"] },
  { wave: 30, kinds: ["ServiceAccount", "ConfigMap", "Secret", "Role", "ClusterRole", "PriorityClass"] },
  { wave: 35, kinds: ["RoleBinding", "ClusterRoleBinding", "HardwareProfile", "AcceleratorProfile"] },
  // A claim is bound when something uses it, so it must not be waited for by what uses it.
  { wave: 40, kinds: ["PersistentVolume", "PersistentVolumeClaim", "LocalModelNodeGroup", "LocalModelCache", "Job"] },
  // A DaemonSet keeps the image of what comes after it on the nodes.
  { wave: 50, kinds: ["ServingRuntime", "DaemonSet"] },
  { wave: 60, kinds: ["Deployment", "InferenceService", "Service", "PodDisruptionBudget"] },
  { wave: 65, kinds: ["PodMonitor", "ServiceMonitor", "PrometheusRule"] },
  { wave: 70, kinds: ["TriggerAuthentication", "InterceptorRoute"] },
  { wave: 75, kinds: ["ScaledObject", "HorizontalPodAutoscaler", "HTTPScaledObject"] },
  { wave: 80, kinds: ["Route", "Ingress", "HTTPRoute", "ReferenceGrant"] },
];

/**
 * The step of an object, as the number its file begins with and as Argo CD's sync wave.
 * @throws Error for a kind that has no step
 */
export function waveOf({ kind }: KubernetesObject): number {
  const step = steps.find(({ kinds }) => kinds.includes(kind));
  if (step === undefined) throw new Error(`A ${kind} has no place in the order in which objects are applied`);
  return step.wave;
}
