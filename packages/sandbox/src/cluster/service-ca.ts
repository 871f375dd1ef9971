import { CoreV1Api, type V1ConfigMap, type V1Namespace } from "@kubernetes/client-node";
import { messageOf } from "../message-of";
import type { ClusterContext } from "../supervisor/cluster-context";
import { hasStatus } from "./api-status";
import { watchResource } from "./watch-resource";

/** OpenShift's name for it. */
const name = "openshift-service-ca.crt";
const key = "service-ca.crt";

/** Between two looks at what could not be written. */
const resyncMs = 2_000;

/** Keeps the ConfigMap with the certificate of the Services' authority in every namespace, as OpenShift's controller does. */
export function startServiceCa(context: ClusterContext, certificate: string): { stop(): void } {
  const { kubeConfig, log } = context;
  const core = kubeConfig.makeApiClient(CoreV1Api);
  const namespaces = watchResource<V1Namespace>({
    kubeConfig,
    path: "/api/v1/namespaces",
    list: () => core.listNamespace(),
    onChange: () => void update(),
    log,
  });
  const configMaps = watchResource<V1ConfigMap>({
    kubeConfig,
    path: "/api/v1/configmaps",
    list: () => core.listConfigMapForAllNamespaces(),
    onChange: () => void update(),
    log,
  });
  let running = false;
  const update = async (): Promise<void> => {
    if (running) return;
    running = true;
    try {
      await Promise.all(
        namespacesWithout(certificate, namespaces.objects(), configMaps.objects()).map((namespace) =>
          write(core, namespace, certificate),
        ),
      );
    } catch (error) {
      log(`writing ${name}: ${messageOf(error)}; trying again`);
    } finally {
      running = false;
    }
  };
  const timer = setInterval(() => void update(), resyncMs);
  return {
    stop() {
      clearInterval(timer);
      namespaces.stop();
      configMaps.stop();
    },
  };
}

/** Names of the namespaces that stay and have no such ConfigMap, or another one. */
export function namespacesWithout(
  certificate: string,
  namespaces: readonly V1Namespace[],
  configMaps: readonly V1ConfigMap[],
): string[] {
  const right = new Set(
    configMaps
      .filter(({ metadata, data }) => metadata?.name === name && data?.[key] === certificate)
      .map(({ metadata }) => metadata?.namespace),
  );
  return namespaces
    .filter(({ metadata }) => metadata?.deletionTimestamp === undefined && !right.has(metadata?.name))
    .flatMap(({ metadata }) => metadata?.name ?? []);
}

async function write(core: CoreV1Api, namespace: string, certificate: string): Promise<void> {
  const body = { metadata: { name }, data: { [key]: certificate } };
  try {
    await core.createNamespacedConfigMap({ namespace, body });
  } catch (error) {
    if (hasStatus(error, 409)) await core.replaceNamespacedConfigMap({ namespace, name, body });
    // The namespace has just begun to go, or is gone.
    else if (!hasStatus(error, 403, 404)) throw error;
  }
}
