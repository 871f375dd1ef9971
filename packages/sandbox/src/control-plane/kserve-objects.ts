import { parse } from "yaml";
import { z } from "zod";

/** Namespace of KServe, as in upstream's manifests. */
export const kserveNamespace = "kserve";

/** The ServiceAccount KServe's controller runs as, here as in a real cluster. */
export const kserveServiceAccount = "kserve-controller-manager";

const configMap = z.looseObject({ data: z.record(z.string(), z.string()) });
const settings = z.record(z.string(), z.unknown());

/**
 * Upstream's ConfigMap `inferenceservice-config` for a cluster without Knative and Istio: Standard deployments without an
 * Ingress. Images have the release's version, as upstream's release has them.
 */
export function kserveConfig(upstreamYaml: string, version: string): object {
  const upstream = configMap.parse(parse(upstreamYaml));
  const { _example, ...data } = upstream.data;
  const changed = (key: string, values: object): Record<string, string> => ({
    [key]: JSON.stringify({ ...settings.parse(JSON.parse(data[key] ?? "")), ...values }),
  });
  return {
    ...upstream,
    data: {
      ...Object.fromEntries(
        Object.entries(data).map(([key, text]) => [key, text.replace(latestImages, `$1:v${version}`)]),
      ),
      ...changed("deploy", { defaultDeploymentMode: "Standard" }),
      ...changed("ingress", { disableIngressCreation: true, disableIstioVirtualHost: true }),
    },
  };
}

const latestImages = /\b(kserve\/[\w-]+):latest\b/g;

const storageContainer = z.looseObject({
  spec: z.looseObject({ container: z.looseObject({ image: z.string() }) }),
});

/** Upstream's ClusterStorageContainer `default`, which says how `hf://` and `s3://` are fetched, with the release's image. */
export function kserveStorageContainer(upstreamYaml: string, version: string): object {
  const upstream = storageContainer.parse(parse(upstreamYaml));
  const container = { ...upstream.spec.container, image: `kserve/storage-initializer:v${version}` };
  return { ...upstream, spec: { ...upstream.spec, container } };
}
