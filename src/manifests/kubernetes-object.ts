/** What every Kubernetes object has, whatever its kind. */
export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string };
}

/** An object with the name it has in a Pulumi program. */
export interface LogicalObject {
  /** Unique among objects of the same kind; never changes, unlike `metadata.name`. */
  logicalName: string;
  object: KubernetesObject;
}

export function named(logicalName: string, object: KubernetesObject): LogicalObject {
  return { logicalName, object };
}
