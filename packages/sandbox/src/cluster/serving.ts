import {
  AppsV1Api,
  CoreV1Api,
  DiscoveryV1Api,
  type KubernetesObject,
  KubernetesObjectApi,
  type V1EndpointSlice,
  type V1Pod,
  type V1ReplicaSet,
  type V1Service,
} from "@kubernetes/client-node";
import type { ClusterContext } from "../supervisor/cluster-context";
import { type Destination, destinationOf } from "./cluster-network";
import { type ServiceEndpoints, serviceEndpoints } from "./endpoints";
import { PodAdoption } from "./pod-adoption";
import { podAnnotator } from "./pod-annotations";
import { PodRuntime } from "./pod-runtime";
import { type Router, startRouter } from "./router";
import { watchResource } from "./watch-resource";

export interface ServingOptions {
  /** Port of the router on 127.0.0.1; 0 takes any free one. */
  routerPort: number;
}

export interface Serving {
  router: Router;
  /** Where a connection to a name or address of the cluster goes now. */
  destination(host: string, port: number): Destination;
  stop(): Promise<void>;
}

/** How often pods are compared with their processes when nothing has changed. */
const resyncMs = 2_000;

/** What makes pods of the cluster answer: a simulator for each vLLM pod, a router, and the way to them by their Services' names. */
export async function startServing(context: ClusterContext, options: ServingOptions): Promise<Serving> {
  const { kubeConfig, log } = context;
  const core = kubeConfig.makeApiClient(CoreV1Api);
  const apps = kubeConfig.makeApiClient(AppsV1Api);
  const anyKind = KubernetesObjectApi.makeApiClient(kubeConfig);
  const discovery = kubeConfig.makeApiClient(DiscoveryV1Api);
  let services: ServiceEndpoints[] = [];
  const router = await startRouter({ port: options.routerPort, services: () => services, log });
  const annotate = podAnnotator(kubeConfig, log);
  const adoption = new PodAdoption(annotate);
  const runtime = new PodRuntime({
    context,
    annotate,
    readSecret: async (namespace, name) => {
      const { items } = await core.listNamespacedSecret({ namespace, fieldSelector: `metadata.name=${name}` });
      const data = items[0]?.data;
      return data && Object.fromEntries(Object.entries(data).map(([key, value]) => [key, fromBase64(value)]));
    },
    isIdle: ({ metadata }) => isIdle(metadata?.namespace ?? "", metadata?.name ?? ""),
  });
  const isIdle = (namespace: string, pod: string): boolean =>
    router.inFlight(namespace, pod) === 0 &&
    !services.some(({ endpoints }) => endpoints.some((one) => one.namespace === namespace && one.pod === pod));

  const pods = watchResource<V1Pod>({
    kubeConfig,
    path: "/api/v1/pods",
    list: () => core.listPodForAllNamespaces(),
    onChange: () => update(),
    log,
  });
  const replicaSets = watchResource<V1ReplicaSet>({
    kubeConfig,
    path: "/apis/apps/v1/replicasets",
    list: () => apps.listReplicaSetForAllNamespaces(),
    onChange: () => update(),
    log,
  });
  const slices = watchResource<V1EndpointSlice>({
    kubeConfig,
    path: "/apis/discovery.k8s.io/v1/endpointslices",
    list: () => discovery.listEndpointSliceForAllNamespaces(),
    onChange: () => update(),
    log,
  });
  const servingRuntimes = watchResource<KubernetesObject>({
    kubeConfig,
    path: "/apis/serving.kserve.io/v1alpha1/servingruntimes",
    list: () => anyKind.list("serving.kserve.io/v1alpha1", "ServingRuntime"),
    onChange: () => update(),
    log,
  });
  const clusterServices = watchResource<V1Service>({
    kubeConfig,
    path: "/api/v1/services",
    list: () => core.listServiceForAllNamespaces(),
    onChange: () => undefined,
    log,
  });
  const update = (): void => {
    try {
      services = serviceEndpoints(slices.objects(), pods.objects());
      adoption.reconcile(pods.objects(), replicaSets.objects(), servingRuntimes.objects());
      runtime.reconcile(pods.objects());
    } catch (error) {
      // The supervisor lives on; the next change or resync tries again.
      log(`serving pods: ${error instanceof Error ? error.stack : String(error)}`);
    }
  };
  const timer = setInterval(update, resyncMs);
  return {
    router,
    destination(host, port) {
      const objects = { services: clusterServices.objects(), slices: slices.objects(), pods: pods.objects() };
      return destinationOf(objects, host, port, Math.random);
    },
    async stop() {
      clearInterval(timer);
      adoption.stop();
      pods.stop();
      replicaSets.stop();
      servingRuntimes.stop();
      slices.stop();
      clusterServices.stop();
      await router.close();
    },
  };
}

function fromBase64(text: string): string {
  return Buffer.from(text, "base64").toString("utf8");
}
