/** A kind of objects that rules read, themselves or beside others. */
export interface LintedKind {
  /** Empty for the core group. */
  group: string;
  kind: string;
}

const kindsByGroup: Record<string, readonly string[]> = {
  "": ["ConfigMap", "Namespace", "PersistentVolume", "PersistentVolumeClaim", "Pod", "Secret", "Service"],
  apps: ["DaemonSet", "Deployment", "StatefulSet"],
  autoscaling: ["HorizontalPodAutoscaler"],
  "http.keda.sh": ["HTTPScaledObject", "InterceptorRoute"],
  "keda.sh": ["ScaledObject", "TriggerAuthentication"],
  "monitoring.coreos.com": ["PodMonitor", "ServiceMonitor"],
  "rbac.authorization.k8s.io": ["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"],
  "serving.knative.dev": ["Service"],
  "serving.kserve.io": ["ClusterServingRuntime", "InferenceService", "LLMInferenceService", "ServingRuntime"],
};

export const lintedKinds: readonly LintedKind[] = Object.entries(kindsByGroup).flatMap(([group, kinds]) =>
  kinds.map((kind) => ({ group, kind })),
);

/** Whether an object is of a kind that rules read. */
export function isLinted({ group, kind }: LintedKind): boolean {
  return lintedKinds.some((known) => known.kind === kind && known.group === group);
}

const names: ReadonlySet<string> = new Set(lintedKinds.map(({ kind }) => kind));

/** Whether an object only has the name of such a kind, in a group of its own. */
export function isNamesake(object: LintedKind): boolean {
  return names.has(object.kind) && !isLinted(object);
}

const notOnCluster: ReadonlySet<string> = new Set([
  // They hold what is nobody's business, and anything.
  ...["Secret", "ConfigMap"],
  // What makes them says the same.
  "Pod",
  // Nearly all are the platform's.
  ...["ClusterRole", "ClusterRoleBinding"],
]);

/** Those that are read from a cluster. */
export const clusterKinds: readonly LintedKind[] = lintedKinds.filter(({ kind }) => !notOnCluster.has(kind));
