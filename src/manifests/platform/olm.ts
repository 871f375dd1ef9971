import type { OperatorInstallation } from "./operator";
import { fieldOf, isMapping, type LiveObject } from "./readiness";

export const subscriptions = { apiVersion: "operators.coreos.com/v1alpha1", kind: "Subscription" } as const;
export const installPlans = { apiVersion: "operators.coreos.com/v1alpha1", kind: "InstallPlan" } as const;
export const clusterServiceVersions = {
  apiVersion: "operators.coreos.com/v1alpha1",
  kind: "ClusterServiceVersion",
} as const;
export const operatorGroups = { apiVersion: "operators.coreos.com/v1", kind: "OperatorGroup" } as const;

/** Says which stack made an object, so that an interrupted `up` goes on with it and another stack does not take it for its own. */
export const madeByAnnotation = "vllm-serving.dev/made-by";

/** None on what is written down for somebody else to apply. */
function madeByAnnotations(madeBy: string | undefined) {
  return madeBy === undefined ? {} : { annotations: { [madeByAnnotation]: madeBy } };
}

/** A namespace takes one OperatorGroup: with a second, OLM installs nothing in it any more. */
export function operatorGroup({ package: name, namespace, targetNamespaces }: OperatorInstallation, madeBy?: string) {
  return {
    ...operatorGroups,
    metadata: { name, namespace, ...madeByAnnotations(madeBy) },
    spec: targetNamespaces === undefined ? {} : { targetNamespaces },
  };
}

export function subscription(operator: OperatorInstallation, madeBy?: string) {
  return {
    ...subscriptions,
    metadata: { name: operator.package, namespace: operator.namespace, ...madeByAnnotations(madeBy) },
    spec: { name: operator.package, ...subscriptionSpec(operator) },
  };
}

/** What of a Subscription may change. With a pinned version OLM makes InstallPlans and waits for somebody to approve one. */
export function subscriptionSpec({ channel, catalog, catalogNamespace, startingCsv }: OperatorInstallation) {
  return {
    channel,
    source: catalog,
    sourceNamespace: catalogNamespace,
    installPlanApproval: startingCsv === undefined ? "Automatic" : "Manual",
    ...(startingCsv === undefined ? {} : { startingCSV: startingCsv }),
  };
}

/** InstallPlans that lead to this version and wait for approval, by name. */
export function plansToApprove(plans: readonly LiveObject[], csv: string): string[] {
  return plans
    .filter((plan) => fieldOf(plan, "spec.approved") === false && csvsOf(plan).includes(csv))
    .map((plan) => String(fieldOf(plan, "metadata.name")));
}

/** Versions that InstallPlans would install if somebody approved them. */
export function waitingVersions(plans: readonly LiveObject[]): string[] {
  return plans.filter((plan) => fieldOf(plan, "spec.approved") === false).flatMap(csvsOf);
}

function csvsOf(plan: LiveObject): string[] {
  const names = fieldOf(plan, "spec.clusterServiceVersionNames");
  return Array.isArray(names) ? names.map(String) : [];
}

/** What OLM says is in the way of a Subscription. */
export function subscriptionTrouble(live: LiveObject): string | undefined {
  const conditions = fieldOf(live, "status.conditions");
  const found = (Array.isArray(conditions) ? conditions : []).find(
    (condition: unknown) =>
      isMapping(condition) &&
      ["ResolutionFailed", "InstallPlanFailed", "BundleUnpackFailed"].includes(String(condition.type)) &&
      condition.status === "True",
  );
  return isMapping(found) ? `${String(found.type)}: ${String(found.message ?? found.reason)}` : undefined;
}

/** Why an operator does not run yet, or `undefined` if it does. */
export function csvTrouble(name: string, live: LiveObject | undefined): string | undefined {
  const phase = live === undefined ? "is not there" : `is ${String(fieldOf(live, "status.phase") ?? "new")}`;
  if (phase === "is Succeeded") {
    return undefined;
  }
  const message = live === undefined ? undefined : fieldOf(live, "status.message");
  return `ClusterServiceVersion ${name} ${phase}${typeof message === "string" && message !== "" ? ` (${message})` : ""}`;
}
