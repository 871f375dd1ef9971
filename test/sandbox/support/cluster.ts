import { setTimeout as sleep } from "node:timers/promises";
import {
  ApiException,
  AppsV1Api,
  CoreV1Api,
  CustomObjectsApi,
  KubeConfig,
  KubernetesObjectApi,
} from "@kubernetes/client-node";
import type { SandboxState } from "@vllm-serving/sandbox";

/** Clients of a sandbox's API server, as its administrator. */
export function clientsOf(sandbox: SandboxState) {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromFile(sandbox.kubeconfig);
  return {
    kubeConfig,
    core: kubeConfig.makeApiClient(CoreV1Api),
    apps: kubeConfig.makeApiClient(AppsV1Api),
    custom: kubeConfig.makeApiClient(CustomObjectsApi),
    objects: KubernetesObjectApi.makeApiClient(kubeConfig),
  };
}

/** Kinds a stack makes or causes. Events and leases come and go by themselves. */
const kinds: [apiVersion: string, kind: string][] = [
  ["v1", "Namespace"],
  ["v1", "PersistentVolume"],
  ["v1", "PersistentVolumeClaim"],
  ["v1", "Service"],
  ["v1", "ServiceAccount"],
  ["v1", "Secret"],
  ["v1", "Pod"],
  ["apps/v1", "Deployment"],
  ["apps/v1", "ReplicaSet"],
  ["autoscaling/v2", "HorizontalPodAutoscaler"],
  ["rbac.authorization.k8s.io/v1", "Role"],
  ["rbac.authorization.k8s.io/v1", "RoleBinding"],
  ["keda.sh/v1alpha1", "ScaledObject"],
  ["keda.sh/v1alpha1", "TriggerAuthentication"],
  ["monitoring.coreos.com/v1", "PodMonitor"],
  ["serving.kserve.io/v1alpha1", "ServingRuntime"],
  ["serving.kserve.io/v1beta1", "InferenceService"],
];

/** All objects of these kinds as `kind namespace/name`, sorted. */
export async function listObjects(kubeConfig: KubeConfig): Promise<string[]> {
  const api = KubernetesObjectApi.makeApiClient(kubeConfig);
  const lists = await Promise.all(
    kinds.map(async ([apiVersion, kind]) => {
      const list = await askedAgain(() => api.list(apiVersion, kind));
      return list.items.map((item) => `${kind} ${item.metadata?.namespace ?? ""}/${item.metadata?.name ?? ""}`);
    }),
  );
  return lists.flat().sort();
}

/** The storage of a kind that is new answers 429 for a moment, which this client does not try again. */
async function askedAgain<Answer>(ask: () => Promise<Answer>, triesLeft = 10): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof ApiException) || error.code !== 429 || triesLeft === 0) throw error;
    await sleep(1000);
    return askedAgain(ask, triesLeft - 1);
  }
}

/** Waits until a condition holds, at most two minutes. */
export async function waitFor(what: string, condition: () => Promise<boolean>, seconds = 120): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`${what}: not seen within ${seconds} seconds`);
    await sleep(500);
  }
}

/** Deletes a namespace and waits until it is gone, so that no other test sees it going. */
export async function deleteNamespace(core: CoreV1Api, name: string): Promise<void> {
  await core.deleteNamespace({ name });
  await waitFor(`the end of namespace ${name}`, async () => {
    const list = await core.listNamespace({ fieldSelector: `metadata.name=${name}` });
    return list.items.length === 0;
  });
}
