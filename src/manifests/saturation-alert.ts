import type { CompiledPolicy, Problem } from "../policy/policy-input";
import { Role, standardLabels } from "./labels";
import { fitName } from "./naming";
import { wholeNumberProblems } from "./problems";
import type { SaturationAlert } from "./slo-autoscaler-options";

/** A load that rises is served by new replicas within this; what lasts longer will not go by itself. */
const defaultSeconds = 300;

/** What is known only once the policy is: everything but the metadata. */
export function saturationRules(
  name: string,
  { severity = "warning", forSeconds = defaultSeconds }: SaturationAlert,
  { scaledObject, saturationQuery }: Pick<CompiledPolicy, "scaledObject" | "saturationQuery">,
) {
  const most = scaledObject.spec.maxReplicaCount;
  const rule = {
    alert: "ModelNeedsMoreThanMaxReplicas",
    expr: saturationQuery,
    for: `${forSeconds}s`,
    labels: { severity, scaledobject: scaledObject.metadata.name },
    annotations: {
      summary: `${name} needs more than its ${most} replicas.`,
      description: `All ${most} replicas of ${name} serve, and its load asks for more: the objective is missed, or kept by the headroom alone. Raise replicas.max if there are GPUs for more, or send it less.`,
    },
  };
  return { groups: [{ name: "vllm-serving", rules: [rule] }] };
}

/**
 * A PrometheusRule that fires while the load asks for more replicas than there may be. It reads the model's own metrics and those of no
 * other namespace, so it works in OpenShift's monitoring of user projects too.
 */
export function saturationAlert<S, Rules>(name: string, namespace: S, { labels }: SaturationAlert, spec: Rules) {
  return {
    apiVersion: "monitoring.coreos.com/v1" as const,
    kind: "PrometheusRule" as const,
    metadata: { name: fitName(name), namespace, labels: { ...labels, ...standardLabels(name, Role.Autoscaler) } },
    spec,
  };
}

/** What is wrong with the alert that is asked for. */
export function saturationAlertProblems(alert: SaturationAlert | undefined): Problem[] {
  return wholeNumberProblems("saturationAlert.forSeconds", alert?.forSeconds, 1);
}
