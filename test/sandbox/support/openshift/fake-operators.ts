import { ApiException, type KubernetesObjectApi, PatchStrategy } from "@kubernetes/client-node";
import { z } from "zod";

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
  ["maistra.io/v2", "ServiceMeshControlPlane", condition("Ready")],
  ["dscinitialization.opendatahub.io/v1", "DSCInitialization", { phase: "Ready" }],
  ["dscinitialization.opendatahub.io/v2", "DSCInitialization", { phase: "Ready" }],
  ["datasciencecluster.opendatahub.io/v2", "DataScienceCluster", { phase: "Ready" }],
];

/** Reports every resource of the operators as done. */
export async function statusOf(objects: KubernetesObjectApi): Promise<void> {
  await forgive(() => serveThroughKnative(objects));
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

const specSchema = z.looseObject({
  metadata: z.looseObject({ name: z.string() }),
  spec: z
    .looseObject({
      serviceMesh: z.looseObject({ managementState: z.string() }).optional(),
      components: z
        .looseObject({
          kserve: z
            .looseObject({
              managementState: z.string().optional(),
              serving: z.looseObject({ managementState: z.string().optional() }).optional(),
            })
            .optional(),
        })
        .optional(),
    })
    .optional(),
});

const productsServing = {
  apiVersion: "operator.knative.dev/v1beta1",
  kind: "KnativeServing",
  metadata: { name: "knative-serving", namespace: "knative-serving" },
};
const mesh = {
  apiVersion: "maistra.io/v2",
  kind: "ServiceMeshControlPlane",
  metadata: { name: "data-science-smcp", namespace: "istio-system" },
};

/**
 * What the operator of version 2 does (opendatahub-operator 2.33, `serviceMeshCapability` and `checkPreConditions` of KServe): it makes
 * the mesh if that is Managed, and Knative Serving if both are and their operators are there; else the cluster does not get Ready.
 */
async function serveThroughKnative(objects: KubernetesObjectApi): Promise<void> {
  const [initialization] = await v1Specs(objects, "dscinitialization.opendatahub.io/v1", "DSCInitialization");
  const [cluster] = await v1Specs(objects, "datasciencecluster.opendatahub.io/v1", "DataScienceCluster");
  const meshed = initialization?.spec?.serviceMesh?.managementState === "Managed";
  const { kserve } = cluster?.spec?.components ?? {};
  const serves = kserve?.managementState === "Managed" && kserve.serving?.managementState === "Managed";
  const apply = (object: object) =>
    objects.patch(object, undefined, undefined, "opendatahub-operator", true, PatchStrategy.ServerSideApply);
  if (meshed) {
    await forgive(async () => {
      await apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: mesh.metadata.namespace } });
      await apply({ ...mesh, spec: { version: "v2.6" } });
    });
  }
  if (!serves) {
    await forgive(async () => {
      const { metadata } = await objects.read(productsServing);
      if (metadata?.labels?.["platform.opendatahub.io/dependency"] === "serverless")
        await objects.delete(productsServing);
    });
  } else if (meshed) {
    await apply({
      ...productsServing,
      metadata: { ...productsServing.metadata, labels: { "platform.opendatahub.io/dependency": "serverless" } },
      spec: { ingress: { istio: { enabled: true } }, config: { autoscaler: { "allow-zero-initial-scale": "true" } } },
    });
  }
  if (cluster === undefined || (serves && !meshed)) return;
  const { name } = cluster.metadata;
  const header = { apiVersion: "datasciencecluster.opendatahub.io/v1", kind: "DataScienceCluster", metadata: { name } };
  const ready = { ...header, status: { phase: "Ready" } };
  await objects.patch(ready, undefined, undefined, "fake-operator", undefined, PatchStrategy.MergePatch);
}

/** None of a kind that is not there. */
async function v1Specs(objects: KubernetesObjectApi, apiVersion: string, kind: string) {
  try {
    const { items } = await objects.list(apiVersion, kind);
    return items.map((item) => specSchema.parse(JSON.parse(JSON.stringify(item))));
  } catch {
    return [];
  }
}

/** What the operator of version 2 makes when it starts, if there is none (`CreateDefaultDSCI`). */
export async function withInitialization(objects: KubernetesObjectApi): Promise<void> {
  const present = await objects.list("dscinitialization.opendatahub.io/v1", "DSCInitialization");
  if (present.items.length > 0) return;
  const controlPlane = { ...mesh.metadata, metricsCollection: "Istio" };
  await objects.create({
    apiVersion: "dscinitialization.opendatahub.io/v1",
    kind: "DSCInitialization",
    metadata: { name: "default-dsci" },
    ...{
      spec: {
        monitoring: { managementState: "Managed" },
        serviceMesh: { managementState: "Managed", controlPlane },
        trustedCABundle: { managementState: "Managed", customCABundle: "" },
      },
    },
  });
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
  "opendatahub-operator": {
    namespace: "opendatahub",
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

/**
 * Objects and kinds come and go between two requests: what cannot be done now is tried again in the next round. What the API server
 * finds wrong with an object stays wrong.
 */
export async function forgive(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof z.ZodError || (error instanceof ApiException && [400, 422].includes(error.code))) throw error;
  }
}
