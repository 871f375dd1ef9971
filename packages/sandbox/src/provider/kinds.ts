/** Facts about kinds the API server cannot tell, or not before it is reached. */
interface KindFacts {
  namespaced: boolean;
  /**
   * Paths whose change needs a new object, as the official provider lists them. They are fewer than what the API server
   * refuses to change: the rest fails as an update does.
   */
  replacedOn: readonly string[];
}

const labelled = { namespaced: true, replacedOn: [] };
const binding = ["roleRef"];

const volumeSources = [
  "awsElasticBlockStore",
  "azureDisk",
  "azureFile",
  "cephfs",
  "cinder",
  "csi",
  "fc",
  "flexVolume",
  "flocker",
  "gcePersistentDisk",
  "glusterfs",
  "hostPath",
  "iscsi",
  "local",
  "nfs",
  "photonPersistentDisk",
  "portworxVolume",
  "quobyte",
  "rbd",
  "scaleIO",
  "storageos",
  "vsphereVolume",
];

const builtIn: Readonly<Record<string, KindFacts>> = {
  "v1/Namespace": { namespaced: false, replacedOn: [] },
  "v1/ConfigMap": { namespaced: true, replacedOn: ["data", "binaryData"] },
  "v1/Secret": { namespaced: true, replacedOn: ["type", "data", "stringData"] },
  "v1/Service": { namespaced: true, replacedOn: ["spec.clusterIP"] },
  "v1/ServiceAccount": labelled,
  "v1/PersistentVolume": { namespaced: false, replacedOn: volumeSources.map((source) => `spec.${source}`) },
  "v1/PersistentVolumeClaim": {
    namespaced: true,
    replacedOn: ["spec.accessModes", "spec.selector", "spec.storageClassName", "spec.volumeName"],
  },
  "apps/v1/Deployment": { namespaced: true, replacedOn: ["spec.selector"] },
  "apps/v1/DaemonSet": { namespaced: true, replacedOn: ["spec.selector"] },
  "autoscaling/v2/HorizontalPodAutoscaler": labelled,
  "networking.k8s.io/v1/Ingress": labelled,
  "policy/v1/PodDisruptionBudget": labelled,
  "batch/v1/Job": {
    namespaced: true,
    replacedOn: ["spec.completions", "spec.parallelism", "spec.selector", "spec.template"],
  },
  "rbac.authorization.k8s.io/v1/Role": labelled,
  "rbac.authorization.k8s.io/v1/RoleBinding": { namespaced: true, replacedOn: binding },
  "rbac.authorization.k8s.io/v1/ClusterRole": { namespaced: false, replacedOn: [] },
  "rbac.authorization.k8s.io/v1/ClusterRoleBinding": { namespaced: false, replacedOn: binding },
  "apiextensions.k8s.io/v1/CustomResourceDefinition": { namespaced: false, replacedOn: [] },
};

/** Facts of a built-in kind; undefined for custom resources and kinds these components do not make. */
export function kindFacts(apiVersion: string, kind: string): KindFacts | undefined {
  const key = `${apiVersion}/${kind}`;
  return Object.hasOwn(builtIn, key) ? builtIn[key] : undefined;
}

/** Which settings of the provider decide what a change of ConfigMaps and Secrets does. */
export interface Mutability {
  configMaps: boolean;
  secrets: boolean;
}

export const identityPaths = ["metadata.name", "metadata.namespace"];

/** Paths whose change replaces this object: its identity, and what its kind adds. */
export function replacingPaths(apiVersion: string, kind: string, immutable: boolean, mutability: Mutability): string[] {
  if (apiVersion === "v1" && kind === "ConfigMap" && mutability.configMaps && !immutable) return identityPaths;
  if (apiVersion === "v1" && kind === "Secret" && mutability.secrets && !immutable) return [...identityPaths, "type"];
  return [...identityPaths, ...(kindFacts(apiVersion, kind)?.replacedOn ?? [])];
}
