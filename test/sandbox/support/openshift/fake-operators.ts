import { type KubernetesObjectApi, PatchStrategy } from "@kubernetes/client-node";

type Apply = (object: {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string };
}) => Promise<void>;

const condition = (type: string) => ({ conditions: [{ type, status: "True", reason: "Fake", message: "" }] });

/** Kinds of the operators and what they say when they are done. */
const statuses: [apiVersion: string, kind: string, status: object][] = [
  ["keda.sh/v1alpha1", "KedaController", { phase: "Installation Succeeded" }],
  ["nfd.openshift.io/v1", "NodeFeatureDiscovery", condition("Available")],
  ["nvidia.com/v1", "ClusterPolicy", { state: "ready" }],
  ["operator.knative.dev/v1beta1", "KnativeServing", condition("Ready")],
  ["dscinitialization.opendatahub.io/v2", "DSCInitialization", { phase: "Ready" }],
  ["datasciencecluster.opendatahub.io/v2", "DataScienceCluster", { phase: "Ready" }],
];

/** Reports every resource of the operators as done. */
export async function statusOf(objects: KubernetesObjectApi): Promise<void> {
  for (const [apiVersion, kind, status] of statuses) {
    await forgive(async () => {
      const { items } = await objects.list(apiVersion, kind);
      for (const { metadata } of items) {
        if (metadata?.name === undefined) continue;
        const named = {
          name: metadata.name,
          ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
        };
        const patch = { apiVersion, kind, metadata: named, status };
        await objects.patch(patch, undefined, undefined, "fake-operator", undefined, PatchStrategy.MergePatch);
      }
    });
  }
}

/** What an operator makes by itself. */
const parts: Record<string, { namespace: string; deployments: string[]; configMap?: string }> = {
  "openshift-cert-manager-operator": {
    namespace: "cert-manager",
    deployments: ["cert-manager", "cert-manager-cainjector", "cert-manager-webhook"],
  },
  "rhods-operator": {
    namespace: "redhat-ods-applications",
    deployments: ["kserve-controller-manager", "odh-model-controller"],
    configMap: "inferenceservice-config",
  },
};

export async function withParts(packageName: string, apply: Apply): Promise<void> {
  const made = parts[packageName];
  if (made === undefined) return;
  const { namespace, deployments, configMap } = made;
  await apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
  for (const name of deployments) {
    const labels = { app: name };
    const template = { metadata: { labels }, spec: { containers: [{ name: "part", image: "part" }] } };
    await apply({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name, namespace },
      ...{ spec: { replicas: 0, selector: { matchLabels: labels }, template } },
    });
  }
  if (configMap !== undefined) {
    await apply({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: configMap, namespace } });
  }
}

/** Objects and kinds come and go between two requests: what cannot be done now is tried again in the next round. */
export async function forgive(work: () => Promise<void>): Promise<void> {
  await work().catch(() => {});
}
