import {
  type CompiledPolicy,
  capacityProfile,
  compilePolicy,
  type PolicyInput,
  type ScaleTrigger,
} from "../../../src/policy";

const profile = capacityProfile("llama-3.1-8b-l4");
if (profile === undefined) throw new Error("the profile is not shipped");
export const llamaOnL4 = profile;

/** Llama-3.1-8B on L4s with the published experiment's requests and objective, and production start-up times. */
export const standardInput: PolicyInput = {
  name: "llama",
  namespace: "models",
  scaleTargetRef: { name: "llama" },
  metrics: { namespace: "models", modelName: "llama-3.1-8b" },
  slo: { itl: { atMostMs: 75 } },
  replicas: { min: 1, max: 7 },
  capacity: { profile: llamaOnL4, tokens: { promptTokens: 3072, outputTokens: 1200 } },
  timing: { startupSeconds: 165, longestGenerationSeconds: 120, scrapeIntervalSeconds: 15 },
  prometheus: { url: "http://prometheus-operated.monitoring.svc.cluster.local:9090" },
  versions: { vllm: "0.30.0", keda: "2.20.2", kubernetes: "1.36.3" },
};

/** The compiled policy of an input that must be valid. */
export function compiled(input: PolicyInput): CompiledPolicy {
  const result = compilePolicy(input);
  if (!result.ok) throw new Error(`does not compile: ${JSON.stringify(result.problems, null, 2)}`);
  return result.policy;
}

/** The query of the trigger of this name. */
export function queryOf(policy: CompiledPolicy, name: string): string {
  return metadataOf(policy, name).query ?? "";
}

export function metadataOf(policy: CompiledPolicy, name: string): Record<string, string> {
  return triggerOf(policy, name).metadata;
}

export function triggerOf(policy: CompiledPolicy, name: string): ScaleTrigger {
  const trigger = policy.scaledObject.spec.triggers.find((candidate) => candidate.name === name);
  if (trigger === undefined) throw new Error(`no trigger ${name}`);
  return trigger;
}
