import { setTimeout as sleep } from "node:timers/promises";
import {
  ApiException,
  CustomObjectsApi,
  type KubeConfig,
  KubernetesObjectApi,
  PatchStrategy,
} from "@kubernetes/client-node";
import { z } from "zod";
import { requestApi } from "../../../../packages/sandbox/src/control-plane/api-client";
import { generationOf, operatorDefinitions } from "./definitions";
import { forgive, statusOf, withInitialization, withParts } from "./fake-operators";

const group = "operators.coreos.com";
const subscriptionSchema = z.looseObject({
  metadata: z.looseObject({ name: z.string(), namespace: z.string() }),
  spec: z.looseObject({
    name: z.string(),
    channel: z.string().optional(),
    installPlanApproval: z.string().optional(),
    startingCSV: z.string().optional(),
  }),
  status: z.looseObject({ installedCSV: z.string().optional() }).optional(),
});
type Subscription = z.infer<typeof subscriptionSchema>;

const versionSchema = z.looseObject({
  metadata: z.looseObject({ name: z.string() }),
  status: z.looseObject({ phase: z.string().optional() }).optional(),
});

const planSchema = z.looseObject({
  metadata: z.looseObject({ name: z.string() }),
  spec: z.looseObject({ approved: z.boolean(), clusterServiceVersionNames: z.array(z.string()) }),
});

/**
 * Does what OLM does with Subscriptions, and what the operators do with their resources, as far as they can be seen: InstallPlans,
 * ClusterServiceVersions that take a moment, definitions that come with them, and statuses.
 */
export class FakeOlm {
  /** ClusterServiceVersions that stay Installing. */
  readonly held = new Set<string>();
  private readonly custom: CustomObjectsApi;
  private stopped = false;
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly kubeConfig: KubeConfig) {
    this.custom = kubeConfig.makeApiClient(CustomObjectsApi);
  }

  /** A new one each time: a client remembers which kinds there were, and they come and go here. */
  private get objects(): KubernetesObjectApi {
    return KubernetesObjectApi.makeApiClient(this.kubeConfig);
  }

  start(): void {
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.running;
  }

  /** As it is: the client drops the fields of a schema that begin with `x-kubernetes-`. */
  async define(definition: { metadata: { name: string } }): Promise<void> {
    const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${definition.metadata.name}`;
    const content = { type: "application/apply-patch+yaml", body: JSON.stringify(definition) };
    const { status, body } = await requestApi(
      this.kubeConfig,
      "PATCH",
      `${path}?fieldManager=fake-olm&force=true`,
      content,
    );
    if (status >= 400) throw new ApiException(status, path, body, {});
  }

  async apply(object: { apiVersion?: string; kind?: string; metadata?: object }): Promise<void> {
    await this.objects.patch(object, undefined, undefined, "fake-olm", true, PatchStrategy.ServerSideApply);
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      await forgive(async () => {
        for (const item of await this.list("subscriptions")) await this.serve(subscriptionSchema.parse(item));
      });
      await forgive(() => statusOf(this.objects));
      await sleep(300);
    }
  }

  private async serve(subscription: Subscription): Promise<void> {
    const { namespace } = subscription.metadata;
    // As OLM, which installs nothing in a namespace with two.
    if ((await this.list("operatorgroups", namespace)).length !== 1) return;
    const csv = subscription.spec.startingCSV ?? `${subscription.spec.name}.v1.0.0`;
    if (subscription.status?.installedCSV === csv && (await this.hasSucceeded(namespace, csv))) return;
    if (subscription.spec.installPlanApproval === "Manual" && !(await this.isApproved(subscription, csv))) return;
    await this.install(subscription, csv);
  }

  /** The plan that leads to the version, and one beyond it that nobody asked for. */
  private async isApproved({ metadata: { namespace } }: Subscription, csv: string): Promise<boolean> {
    const plans = z.array(planSchema).parse(await this.list("installplans", namespace));
    const plan = plans.find(({ spec }) => spec.clusterServiceVersionNames.includes(csv));
    if (plan !== undefined) return plan.spec.approved;
    for (const [name, version] of [
      ["install-wanted", csv],
      ["install-newer", `${csv}-newer`],
    ] as const) {
      await this.apply({
        apiVersion: `${group}/v1alpha1`,
        kind: "InstallPlan",
        metadata: { name, namespace },
        ...{ spec: { approval: "Manual", approved: false, clusterServiceVersionNames: [version] } },
      });
    }
    return false;
  }

  private async hasSucceeded(namespace: string, csv: string): Promise<boolean> {
    const versions = z.array(versionSchema).parse(await this.list("clusterserviceversions", namespace));
    return versions.some(({ metadata, status }) => metadata.name === csv && status?.phase === "Succeeded");
  }

  private async install({ metadata: { name, namespace }, spec }: Subscription, csv: string): Promise<void> {
    const versions = z.array(versionSchema).parse(await this.list("clusterserviceversions", namespace));
    const header = {
      apiVersion: `${group}/v1alpha1`,
      kind: "ClusterServiceVersion",
      metadata: { name: csv, namespace },
    };
    if (!versions.some(({ metadata }) => metadata.name === csv)) {
      const install = { strategy: "deployment", spec: { deployments: [] } };
      await this.apply({ ...header, ...{ spec: { displayName: csv, install } } });
      await this.status("clusterserviceversions", namespace, csv, { phase: "Installing" });
      await this.status("subscriptions", namespace, name, { currentCSV: csv, installedCSV: csv, lastUpdated: now() });
      await sleep(1000);
    }
    if (this.held.has(csv)) {
      await this.status("subscriptions", namespace, name, { currentCSV: csv, lastUpdated: now() });
      return;
    }
    const release = `${spec.channel} ${csv}`;
    for (const definition of operatorDefinitions(spec.name, release)) await this.define(definition);
    await withParts(spec.name, (object) => this.apply(object));
    if (generationOf(spec.name, release) === 2) await withInitialization(this.objects);
    await this.status("clusterserviceversions", namespace, csv, { phase: "Succeeded" });
    await this.status("subscriptions", namespace, name, { currentCSV: csv, installedCSV: csv, lastUpdated: now() });
  }

  private async status(plural: string, namespace: string, name: string, value: object): Promise<void> {
    const target = { group, version: "v1alpha1", plural, namespace, name };
    await this.custom.patchNamespacedCustomObjectStatus({ ...target, body: [{ op: "add", path: "/status", value }] });
  }

  private async list(plural: string, namespace?: string): Promise<unknown[]> {
    const version = plural === "operatorgroups" ? "v1" : "v1alpha1";
    const listed: unknown =
      namespace === undefined
        ? await this.custom.listCustomObjectForAllNamespaces({ group, version, plural })
        : await this.custom.listNamespacedCustomObject({ group, version, plural, namespace });
    return z.object({ items: z.array(z.unknown()) }).parse(listed).items;
  }
}

function now(): string {
  return new Date().toISOString();
}
