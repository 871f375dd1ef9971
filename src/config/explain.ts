import { makesHpa, makesScaledObject } from "../manifests/model-scaling";
import { platformReference } from "../manifests/platform-reference";
import { replicaRange, type Strategy, strategyOf } from "../manifests/scaling";
import type { Reason } from "../manifests/scaling-explanation";
import { servedModelManifests } from "../manifests/served-model";
import type { ServedModelOptions } from "../manifests/served-model-options";
import type { CompiledPolicy, SecondsPerRequest } from "../policy/policy-input";
import { servedModelOptions } from "./model-options";
import { formatProblems } from "./problems";
import type { Configuration } from "./schema";

/** What scales a model, and why with these figures. */
export interface ExplainedModel {
  name: string;
  namespace: string;
  /** The block of `scaling`. */
  strategy: Strategy;
  /** The object whose fields are explained. */
  object: { kind: string; name: string };
  replicas: { min: number; max: number };
  /** What a replica carries, in requests in flight, where that is derived. */
  carries?: Carries;
  /** Why each field is what it is, and what is to be said of all of them. */
  reasons: Reason[];
  warnings: string[];
}

export interface Carries {
  /** Within the objective. */
  atSlo: number;
  /** Asked to carry: less by the headroom. */
  target: number;
  /** Mean seconds of a request, where they are known. */
  secondsPerRequest?: SecondsPerRequest;
}

/** Why the models of a configuration scale by the figures that they do. @throws Error if `configuration` is wrong */
export function explainConfiguration(configuration: Configuration): ExplainedModel[] {
  const platform = platformReference(configuration.platform);
  return configuration.models.map((model) => {
    const options = servedModelOptions(model, platform);
    const result = servedModelManifests(model.name, options, platform);
    if (!result.ok) {
      throw new Error(`Model "${model.name}" cannot be explained:\n${formatProblems(result.problems)}`);
    }
    const { policy, objects, reasons, warnings } = result;
    const kind = explainedKind(options);
    const scaler = objects.find(({ object }) => object.kind === kind)?.object;
    const { min = 1, max } = replicaRange(options);
    return {
      name: model.name,
      namespace: model.namespace,
      strategy: strategyOf(options),
      object: { kind, name: scaler?.metadata.name ?? model.name },
      replicas: { min, max },
      ...(policy && { carries: carriedBy(policy) }),
      reasons,
      warnings,
    };
  });
}

/** The kind of the object that says how the model scales. */
function explainedKind(options: ServedModelOptions): string {
  if (makesScaledObject(options)) {
    return "ScaledObject";
  }
  return makesHpa(options) ? "HorizontalPodAutoscaler" : "InferenceService";
}

function carriedBy({ concurrencyAtSlo, targetConcurrency, secondsPerRequest }: CompiledPolicy): Carries {
  return { atSlo: concurrencyAtSlo, target: targetConcurrency, ...(secondsPerRequest && { secondsPerRequest }) };
}
