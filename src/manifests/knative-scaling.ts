import { deriveKnative, type KnativeFigures, knativePaths } from "../policy/knative-figures";
import type { CompiledPolicy, Explanation } from "../policy/policy-input";
import { timingOf } from "./scaled-object";
import { replicaRange } from "./scaling";
import { KnativeMetric, type KnativeScaling } from "./scaling-options";
import type { ServedModelOptions } from "./served-model-options";
import { withStartup } from "./served-weights";

/** Knative's figures of a model, with their reasons. */
export interface ExplainedKnative {
  knative: KnativeScaling;
  explanation: Explanation[];
}

/** The figures given; and where the target follows from the policy, those that follow with it. Otherwise Knative's own defaults hold. */
export function knativeOf<S>(
  given: KnativeScaling,
  options: ServedModelOptions<S>,
  policy: CompiledPolicy | undefined,
): ExplainedKnative {
  if (given.target !== undefined || policy === undefined) {
    return { knative: given, explanation: givenFigures(given) };
  }
  const threshold = policy.explanation.find(({ path }) => path === "spec.triggers[0].metadata.threshold");
  const { concurrencyAtSlo, targetConcurrency } = policy;
  const { figures, explanation } = deriveKnative(
    given,
    { concurrencyAtSlo, targetConcurrency, because: threshold?.because ?? "" },
    timingOf(withStartup(options)),
    replicaRange(options).min === 0,
  );
  return { knative: { ...given, ...figures }, explanation };
}

const fields: readonly (keyof KnativeFigures)[] = [
  "target",
  "targetUtilizationPercent",
  "containerConcurrency",
  "windowSeconds",
  "scaleDownDelaySeconds",
  "podRetentionSeconds",
];

function givenFigures(given: KnativeScaling): Explanation[] {
  return fields.flatMap((field) => {
    const value = given[field];
    const inMemory = field === "target" && given.metric === KnativeMetric.Memory;
    const path = inMemory ? `spec.predictor.annotations["autoscaling.knative.dev/target"]` : knativePaths[field];
    return value === undefined ? [] : [{ path, value: `${value}`, because: "As given." }];
  });
}
