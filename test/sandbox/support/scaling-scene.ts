import { setTimeout as sleep } from "node:timers/promises";
import { AutoscalingV2Api, type V2HorizontalPodAutoscaler } from "@kubernetes/client-node";
import type { SandboxState } from "@vllm-serving/sandbox";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { clientsOf, waitFor } from "./cluster";
import { type FixedSeries, recordingRule } from "./fixed-metrics";
import { queryPrometheus } from "./prometheus";
import type { AppliedObject } from "./strict-validation";

/** Two periods of the HPA, and a little more: what has not changed by then stays. */
const holdSeconds = 35;
/** Workload of the examples of rules. */
const workload = "llama-predictor";
const labels = { app: workload };

const scaledObjects = z.object({
  items: z.array(
    z.looseObject({
      metadata: z.looseObject({ namespace: z.string() }),
      status: z
        .looseObject({ conditions: z.array(z.looseObject({ type: z.string(), status: z.string() })).optional() })
        .optional(),
    }),
  ),
});

interface Condition {
  type: string;
  status: string;
}

/** What a scene has come to. */
interface View {
  replicas: number;
  /** Replicas one after another, from the first on. */
  steps: number[];
  hpa?: V2HorizontalPodAutoscaler;
  /** Of the ScaledObject. */
  conditions: readonly Condition[];
}

export interface SceneOptions {
  /** Replicas at the beginning. @default 1 */
  replicas?: number;
  /** Leaves the policies of scaling as they are written; only nothing is waited for. Otherwise all replicas may come and go in one step. */
  keepPolicies?: boolean;
}

/** Workloads in namespaces of their own, each scaled by the example of a rule and metrics at fixed values. */
export class ScalingScenes {
  private readonly clients: ReturnType<typeof clientsOf>;
  private readonly hpas: AutoscalingV2Api;
  private readonly views = new Map<string, View>();
  private ended = false;
  private watching: Promise<void> | undefined;

  constructor(private readonly sandbox: SandboxState) {
    this.clients = clientsOf(sandbox);
    this.hpas = this.clients.kubeConfig.makeApiClient(AutoscalingV2Api);
  }

  /** @param text objects of an example, which are of the namespace `models` */
  async start(
    namespace: string,
    text: string,
    recorded: readonly FixedSeries[],
    { replicas = 1, keepPolicies = false }: SceneOptions = {},
  ): Promise<Scene> {
    const { core, objects } = this.clients;
    this.views.set(namespace, { replicas, steps: [replicas], conditions: [] });
    this.watching ??= this.watch();
    await core.createNamespace({ body: { metadata: { name: namespace } } });
    await objects.create(deployment(namespace, replicas));
    const scene = new Scene(this.sandbox, namespace, () => this.viewOf(namespace));
    await scene.serve(recorded);
    await waitFor(`the pods of ${namespace}`, async () => {
      const { items } = await core.listNamespacedPod({ namespace });
      const ready = items.filter(({ status }) => status?.conditions?.some((one) => isTrue(one, "Ready")));
      return ready.length === replicas;
    });
    for (const object of objectsOf(text, namespace, keepPolicies)) await objects.create(object);
    return scene;
  }

  async end(): Promise<void> {
    this.ended = true;
    await this.watching;
    // So many take minutes to go, which nothing else needs to wait for.
    await Promise.all([...this.views.keys()].map((name) => this.clients.core.deleteNamespace({ name })));
  }

  private viewOf(namespace: string): View {
    const view = this.views.get(namespace);
    if (view === undefined) throw new Error(`There is no scene ${namespace}.`);
    return view;
  }

  /** Reads what all scenes have come to, every second, at once. */
  private async watch(): Promise<void> {
    while (!this.ended) {
      const [{ items: deployments }, { items: hpas }, listed] = await Promise.all([
        this.clients.apps.listDeploymentForAllNamespaces({ labelSelector: `app=${workload}` }),
        this.hpas.listHorizontalPodAutoscalerForAllNamespaces(),
        this.clients.custom.listCustomObjectForAllNamespaces({
          group: "keda.sh",
          version: "v1alpha1",
          plural: "scaledobjects",
        }),
      ]);
      for (const { metadata, status } of scaledObjects.parse(listed).items) {
        const view = this.views.get(metadata.namespace);
        if (view !== undefined) view.conditions = status?.conditions ?? [];
      }
      for (const hpa of hpas) {
        const view = this.views.get(hpa.metadata?.namespace ?? "");
        if (view !== undefined && hpa.metadata?.name?.startsWith("keda-hpa-")) view.hpa = hpa;
      }
      for (const { metadata, spec } of deployments) {
        const view = this.views.get(metadata?.namespace ?? "");
        const replicas = spec?.replicas ?? 0;
        if (view === undefined || view.replicas === replicas) continue;
        view.replicas = replicas;
        view.steps.push(replicas);
      }
      await sleep(1000);
    }
  }
}

/** One workload with what scales it. */
export class Scene {
  private readonly clients: ReturnType<typeof clientsOf>;

  constructor(
    private readonly sandbox: SandboxState,
    readonly namespace: string,
    private readonly read: () => View,
  ) {
    this.clients = clientsOf(sandbox);
  }

  /** Serves these series and no others, and waits until Prometheus has them. */
  async serve(recorded: readonly FixedSeries[]): Promise<void> {
    const { objects } = this.clients;
    const rule = recordingRule(this.namespace, recorded);
    const { items } = await objects.list(rule.apiVersion, rule.kind, this.namespace);
    const [old] = items;
    if (old === undefined) await objects.create(rule);
    else {
      const resourceVersion = old.metadata?.resourceVersion ?? "";
      await objects.replace({ ...rule, metadata: { ...rule.metadata, resourceVersion } });
    }
    const wanted = recorded.filter(({ value }) => !value.includes("time()")).map(({ value }) => value);
    await waitFor(`the series of ${this.namespace}`, async () => {
      const found = await queryPrometheus(this.sandbox, `{namespace="${this.namespace}",model_name="llama"}`);
      const values = found.map(({ value: [, value] }) => `vector(${value})`);
      return found.length === recorded.length && wanted.every((value) => values.includes(value));
    });
  }

  /** Adds the objects of a kind of an example. */
  async add(text: string, kind: string): Promise<void> {
    const added = objectsOf(text, this.namespace).filter((object) => object.kind === kind);
    for (const object of added) await this.clients.objects.create(object);
  }

  /** Replicas one after another, from the first on. */
  get steps(): readonly number[] {
    return this.read().steps;
  }

  /** The HPA's condition `ScalingActive`, by its reason. */
  get judgement(): string | undefined {
    return this.read().hpa?.status?.conditions?.find(({ type }) => type === "ScalingActive")?.reason;
  }

  /** The value of the first metric as the HPA sees it, a quantity. */
  get seenValue(): string | undefined {
    return this.read().hpa?.status?.currentMetrics?.[0]?.external?.current.value;
  }

  get hasHpa(): boolean {
    return this.read().hpa !== undefined;
  }

  /** Waits until the HPA has judged the metrics and there are as many replicas, and then that it stays so. */
  async settlesAt(replicas: number): Promise<void> {
    await this.comesTo(replicas);
    const { steps } = this.read();
    const soFar = steps.length;
    await sleep(holdSeconds * 1000);
    if (steps.length !== soFar) throw new Error(`${this.namespace} did not stay at ${replicas}: ${steps.join(", ")}`);
  }

  /** The same once KEDA has taken to the fallback. */
  async settlesByFallbackAt(replicas: number): Promise<void> {
    await this.hasCondition("Fallback");
    await this.settlesAt(replicas);
  }

  /** Waits for a reason of the HPA's condition `ScalingActive`. */
  async isJudged(reason: string): Promise<void> {
    await waitFor(`${reason} of ${this.namespace}`, async () => this.judgement === reason);
  }

  /** Waits for a condition of the ScaledObject. */
  async hasCondition(type: string, status = "True"): Promise<void> {
    await waitFor(`${type} ${status} of ${this.namespace}`, async () =>
      this.read().conditions.some((one) => one.type === type && one.status === status),
    );
  }

  private async comesTo(replicas: number): Promise<void> {
    try {
      await waitFor("", async () => this.judgement !== undefined && this.read().replicas === replicas, 180);
    } catch {
      const { steps } = this.read();
      throw new Error(`${this.namespace} did not come to ${replicas}: ${steps.join(", ")}; ${this.judgement}`);
    }
  }
}

function isTrue({ type, status }: Condition, wanted: string): boolean {
  return type === wanted && status === "True";
}

function deployment(namespace: string, replicas: number) {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: workload, namespace, labels },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          tolerations: [{ operator: "Exists" }],
          containers: [{ name: "idle", image: "example.com/idle:1.0.0" }],
        },
      },
    },
  };
}

const anObject = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string() }),
});
const atOnce = { stabilizationWindowSeconds: 0, policies: [{ type: "Pods", value: 100, periodSeconds: 15 }] };

/** The objects of an example in another namespace, scaling without waiting. */
export function objectsOf(text: string, namespace: string, keepPolicies = false): AppliedObject[] {
  const own = text
    .replaceAll("namespace: models", `namespace: ${namespace}`)
    .replaceAll('namespace="models"', `namespace="${namespace}"`);
  const behavior = ["spec", "advanced", "horizontalPodAutoscalerConfig", "behavior"];
  return parseAllDocuments(own).map((document) => {
    if (document.get("kind") === "ScaledObject" && keepPolicies)
      document.setIn([...behavior, "scaleDown", "stabilizationWindowSeconds"], 0);
    if (document.get("kind") === "ScaledObject" && !keepPolicies)
      document.setIn(behavior, { scaleUp: atOnce, scaleDown: atOnce });
    return anObject.parse(document.toJS());
  });
}
