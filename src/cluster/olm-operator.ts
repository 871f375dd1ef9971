import { z } from "zod";
import {
  clusterServiceVersions,
  csvTrouble,
  installPlans,
  madeByAnnotation,
  operatorGroup,
  operatorGroups,
  plansToApprove,
  subscription,
  subscriptionSpec,
  subscriptions,
  subscriptionTrouble,
  waitingVersions,
} from "../manifests/platform/olm";
import { fieldOf, isMapping, type LiveObject } from "../manifests/platform/readiness";
import { type ClusterApi, clusterApi, reasonOf } from "./cluster-api";
import type { ClusterOperation, Properties } from "./operation";
import { Hopeless, poll } from "./poll";
import { Unfinished } from "./unfinished";

const operatorSchema = z.object({
  package: z.string(),
  namespace: z.string(),
  channel: z.string(),
  catalog: z.string(),
  catalogNamespace: z.string(),
  startingCsv: z.string().optional(),
  targetNamespaces: z.array(z.string()).optional(),
  monitored: z.boolean(),
});

const inputsSchema = z.object({
  kubeconfig: z.string().optional(),
  timeoutSeconds: z.number(),
  /** Which stack and component it is. */
  madeBy: z.string(),
  adopt: z.boolean(),
  operator: operatorSchema,
});
type Inputs = z.infer<typeof inputsSchema>;

const madeSchema = z.object({
  madeSubscription: z.boolean().default(false),
  madeOperatorGroup: z.boolean().default(false),
  subscriptionName: z.string().optional(),
  csv: z.string().optional(),
});
type Made = z.infer<typeof madeSchema>;

/** Installs an operator through OLM, or takes one over, and waits until it runs. */
export const olmOperator: ClusterOperation = {
  identity: ["operator.package", "operator.namespace"],
  create: (inputs) => establish(inputsSchema.parse(inputs), madeSchema.parse({})),
  update: (outputs, inputs) => establish(inputsSchema.parse(inputs), madeSchema.parse(outputs)),
  async read(outputs) {
    const { kubeconfig, operator, adopt } = inputsSchema.parse(outputs);
    const { subscriptionName } = madeSchema.parse(outputs);
    const api = clusterApi(kubeconfig);
    const live = await readSubscription(api, operator.namespace, subscriptionName ?? operator.package);
    if (live === undefined) return undefined;
    const csv = fieldOf(live, "status.installedCSV");
    return {
      ...(typeof csv === "string" ? { csv } : {}),
      drifted: !adopt && isChanged(subscriptionSpec(withAllFields(operator)), live),
    };
  },
  async delete(outputs) {
    const { kubeconfig, timeoutSeconds, operator } = inputsSchema.parse(outputs);
    await remove(clusterApi(kubeconfig), operator, madeSchema.parse(outputs), timeoutSeconds);
  },
};

type Operator = Inputs["operator"];

async function establish(inputs: Inputs, before: Made): Promise<Properties> {
  const { operator, timeoutSeconds, adopt } = inputs;
  const api = clusterApi(inputs.kubeconfig);
  const made: Made = { ...before };
  try {
    const title = `Operator ${operator.package} in ${operator.namespace}`;
    await poll(title, timeoutSeconds, async () => {
      made.madeOperatorGroup = (await ensureOperatorGroup(api, inputs)) || (made.madeOperatorGroup && !adopt);
      const found = await ensureSubscription(api, inputs);
      made.subscriptionName = String(fieldOf(found, "metadata.name"));
      made.madeSubscription = !adopt;
      return {};
    });
    const { csv } = await poll(title, timeoutSeconds, () => installed(api, operator, made.subscriptionName));
    return { ...made, csv, madeOperatorGroup: made.madeOperatorGroup && !adopt };
  } catch (error) {
    throw made.subscriptionName === undefined && !made.madeOperatorGroup
      ? new Error(reasonOf(error))
      : new Unfinished(reasonOf(error), made);
  }
}

/** @returns whether the namespace's OperatorGroup is ours */
async function ensureOperatorGroup(api: ClusterApi, { operator, madeBy, adopt }: Inputs): Promise<boolean> {
  const groups = await api.list(operatorGroups.apiVersion, operatorGroups.kind, operator.namespace);
  if (groups.length > 1) {
    const names = groups.map((group) => String(fieldOf(group, "metadata.name"))).join(", ");
    throw new Hopeless(
      `namespace ${operator.namespace} has ${groups.length} OperatorGroups (${names}), with which OLM installs nothing: delete all but one`,
    );
  }
  const [group] = groups;
  if (group !== undefined) return isMadeBy(group, madeBy);
  if (adopt) return false;
  await api.create(operatorGroup(withAllFields(operator), madeBy));
  return true;
}

async function ensureSubscription(api: ClusterApi, inputs: Inputs): Promise<LiveObject> {
  const { operator, madeBy, adopt } = inputs;
  const all = await api.list(subscriptions.apiVersion, subscriptions.kind);
  const found = all.find((one) => fieldOf(one, "spec.name") === operator.package);
  if (found === undefined) {
    if (adopt) {
      throw new Hopeless(`there is no Subscription to ${operator.package} to adopt: use mode "install"`);
    }
    const wanted = subscription(withAllFields(operator), madeBy);
    await api.create(wanted);
    return wanted;
  }
  const namespace = String(fieldOf(found, "metadata.namespace"));
  if (!adopt && !isMadeBy(found, madeBy)) {
    throw new Hopeless(
      `namespace ${namespace} has a Subscription to ${operator.package} that this stack did not make: use mode "adopt", or "existing"`,
    );
  }
  if (namespace !== operator.namespace) {
    throw new Hopeless(
      `the Subscription to ${operator.package} is in namespace ${namespace}: write that as the namespace`,
    );
  }
  const spec = adopt ? adoptedSpec(operator) : subscriptionSpec(withAllFields(operator));
  if (isChanged(spec, found)) {
    await api.merge({ ...subscriptions, metadata: { name: String(fieldOf(found, "metadata.name")), namespace }, spec });
  }
  return found;
}

/** Who approves updates of an operator of others stays their choice, unless a version is pinned here. */
function adoptedSpec(operator: Operator) {
  const { installPlanApproval, ...spec } = subscriptionSpec(withAllFields(operator));
  return operator.startingCsv === undefined ? spec : { ...spec, installPlanApproval };
}

/** The running version, or why there is none yet. */
async function installed(
  api: ClusterApi,
  operator: Operator,
  subscriptionName = operator.package,
): Promise<{ csv: string } | string> {
  const { namespace, startingCsv } = operator;
  const live = await readSubscription(api, namespace, subscriptionName);
  if (live === undefined) return `Subscription ${namespace}/${subscriptionName} is not there`;
  const found = fieldOf(live, "status.installedCSV");
  const csv = typeof found === "string" && found !== "" ? found : undefined;
  if (csv === undefined || (startingCsv !== undefined && csv !== startingCsv)) {
    const reason = startingCsv === undefined ? "" : await approve(api, namespace, startingCsv);
    return (
      subscriptionTrouble(live) ?? (reason === "" ? `Subscription ${subscriptionName} has no installedCSV` : reason)
    );
  }
  const trouble = csvTrouble(csv, await api.read({ ...clusterServiceVersions, namespace, name: csv }));
  return trouble ?? { csv };
}

/** Approves the InstallPlans that lead to this version, and no others. */
async function approve(api: ClusterApi, namespace: string, csv: string): Promise<string> {
  const plans = await api.list(installPlans.apiVersion, installPlans.kind, namespace);
  const names = plansToApprove(plans, csv);
  await Promise.all(
    names.map((name) => api.merge({ ...installPlans, metadata: { name, namespace }, spec: { approved: true } })),
  );
  const others = waitingVersions(plans).filter((version) => version !== csv);
  return names.length > 0 || others.length === 0
    ? `${csv} is not installed yet`
    : `no InstallPlan leads to ${csv}; those that wait lead to ${others.join(", ")}`;
}

async function remove(api: ClusterApi, operator: Operator, made: Made, timeoutSeconds: number): Promise<void> {
  const { namespace } = operator;
  if (made.madeSubscription && made.subscriptionName !== undefined) {
    const live = await readSubscription(api, namespace, made.subscriptionName);
    const current = live === undefined ? undefined : fieldOf(live, "status.installedCSV");
    await api.delete({ ...subscriptions, namespace, name: made.subscriptionName });
    const csvs = new Set([made.csv, current].filter((name) => typeof name === "string"));
    for (const name of csvs) {
      await api.delete({ ...clusterServiceVersions, namespace, name });
      await poll(`Removing ${name}`, timeoutSeconds, async () =>
        (await api.read({ ...clusterServiceVersions, namespace, name })) === undefined ? {} : "it is still there",
      );
    }
  }
  if (made.madeOperatorGroup) {
    await api.delete({ ...operatorGroups, namespace, name: operator.package });
  }
}

function readSubscription(api: ClusterApi, namespace: string, name: string): Promise<LiveObject | undefined> {
  return api.read({ ...subscriptions, namespace, name });
}

function isMadeBy(live: LiveObject, madeBy: string): boolean {
  const annotations = fieldOf(live, "metadata.annotations");
  return isMapping(annotations) && annotations[madeByAnnotation] === madeBy;
}

function isChanged(wanted: object, live: LiveObject): boolean {
  return Object.entries(wanted).some(([field, value]) => fieldOf(live, `spec.${field}`) !== value);
}

function withAllFields({ startingCsv, targetNamespaces, ...operator }: Operator) {
  return { ...operator, startingCsv, targetNamespaces };
}
