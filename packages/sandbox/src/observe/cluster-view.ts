import {
  AppsV1Api,
  CoreV1Api,
  EventsV1Api,
  KubeConfig,
  KubernetesObjectApi,
  type V1Deployment,
} from "@kubernetes/client-node";
import { hasStatus } from "../cluster/api-status";
import { type ClusterEvent, readEvent } from "./cluster-events";
import { queryValue } from "./prometheus-query";
import { noReplicas, type ReplicaCounts, replicaCounts } from "./replica-counts";

/** Names an object of the cluster. */
export interface ObjectReference {
  apiVersion: string;
  kind: string;
  name: string;
  /** Absent for what is cluster-wide. */
  namespace?: string;
}

/** One look at a served model. */
export interface ClusterSample extends ReplicaCounts {
  /** Requests in the engines' batches, all replicas together. */
  running: number;
  /** Requests waiting in the engines' queues, all replicas together. */
  waiting: number;
  /** Median gap between tokens of the last half minute, from the servers' histograms; absent without tokens. */
  itlP50Ms?: number;
}

export interface ClusterViewOptions {
  kubeconfig: string;
  /** Base URL of Prometheus. */
  prometheus: string;
  namespace: string;
  deployment: string;
  /** vLLM's `model_name` label. */
  model: string;
}

/** Reads what a served model does in a cluster; changes nothing. */
export class ClusterView {
  private readonly apps: AppsV1Api;
  private readonly core: CoreV1Api;
  private readonly recorded: EventsV1Api;
  private readonly objects: KubernetesObjectApi;

  constructor(private readonly options: ClusterViewOptions) {
    const config = new KubeConfig();
    config.loadFromFile(options.kubeconfig);
    this.apps = config.makeApiClient(AppsV1Api);
    this.core = config.makeApiClient(CoreV1Api);
    this.recorded = config.makeApiClient(EventsV1Api);
    this.objects = KubernetesObjectApi.makeApiClient(config);
  }

  async sample(): Promise<ClusterSample> {
    const [replicas, running, waiting, itlP50Ms] = await Promise.all([
      this.replicas(),
      this.query(`sum(vllm:num_requests_running{${this.matchers}})`),
      this.query(`sum(vllm:num_requests_waiting{${this.matchers}})`),
      this.query(
        `1000 * histogram_quantile(0.5, sum by (le) (rate(vllm:inter_token_latency_seconds_bucket{${this.matchers}}[30s])))`,
      ),
    ]);
    return {
      ...replicas,
      running: running ?? 0,
      waiting: waiting ?? 0,
      ...(itlP50Ms === undefined ? {} : { itlP50Ms }),
    };
  }

  async replicas(): Promise<ReplicaCounts> {
    const deployment = await this.deployment();
    if (deployment === undefined) return noReplicas;
    const labelSelector = Object.entries(deployment.spec?.selector.matchLabels ?? {})
      .map(([key, value]) => `${key}=${value}`)
      .join(",");
    const pods = await this.core.listNamespacedPod({ namespace: this.options.namespace, labelSelector });
    return replicaCounts(deployment, pods.items);
  }

  /** Events of the model's namespace that the API server still has (it forgets them after an hour). */
  async events(): Promise<ClusterEvent[]> {
    const { items } = await this.recorded.listNamespacedEvent({ namespace: this.options.namespace });
    return items.map(readEvent);
  }

  /** Those of the objects that are in the cluster. */
  async existing(references: ObjectReference[]): Promise<ObjectReference[]> {
    const found = await Promise.all(references.map((reference) => this.exists(reference)));
    return references.filter((_, i) => found[i]);
  }

  private async deployment(): Promise<V1Deployment | undefined> {
    const { namespace, deployment: name } = this.options;
    return orUndefinedIfMissing(this.apps.readNamespacedDeployment({ namespace, name }));
  }

  private async exists({ apiVersion, kind, name, namespace }: ObjectReference): Promise<boolean> {
    const metadata = namespace === undefined ? { name } : { name, namespace };
    return (await orUndefinedIfMissing(this.objects.read({ apiVersion, kind, metadata }))) !== undefined;
  }

  private get matchers(): string {
    return `namespace=${JSON.stringify(this.options.namespace)},model_name=${JSON.stringify(this.options.model)}`;
  }

  private query(query: string): Promise<number | undefined> {
    return queryValue(this.options.prometheus, query);
  }
}

async function orUndefinedIfMissing<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (hasStatus(error, 404)) return undefined;
    throw error;
  }
}
