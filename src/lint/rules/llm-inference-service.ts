import { formatVersion, isAtLeast, type Version } from "../../policy/version";
import { type Report, Severity } from "../finding";
import { llmWorkloads } from "../kserve";
import type { LintContext, Rule } from "../rule";
import type { Field } from "../source/field";
import type { LintedObject } from "../source/linted-object";
import { indented } from "./examples";

const kinds = ["LLMInferenceService"];
const typesSource = "kserve/kserve pkg/apis/serving/v1alpha2/llm_inference_service_types.go";
const validationSource =
  "kserve/kserve pkg/apis/serving/v1alpha2/llm_inference_service_validation.go, ValidateWorkloadScaling";

function example(spec: string, name = "llama"): string {
  return `apiVersion: serving.kserve.io/v1alpha2
kind: LLMInferenceService
metadata:
  name: ${name}
  namespace: models
spec:
${indented(spec, 2)}
`;
}

const scalingLines = `scaling:
  minReplicas: 1
  maxReplicas: 7
  wva:
    keda: {}`;

const twoOwners: Rule = {
  id: "llm-inference-service-two-owners",
  title: "replicas and scaling exclude each other",
  severity: Severity.Error,
  kinds,
  happens:
    "The API server refuses the object; in older releases the controller sets the replicas back, whatever an HPA wrote.",
  why: "With `spec.replicas` KServe owns the number, with `spec.scaling` an autoscaler.",
  sources: [typesSource, "https://github.com/kserve/kserve/issues/4996"],
  fix: "Remove `replicas`.",
  bad: example(`replicas: 2\n${scalingLines}`),
  good: example(scalingLines),
  *check(object: LintedObject): Generator<Report> {
    for (const { part } of llmWorkloads(object)) {
      const replicas = part.get("replicas");
      if (!replicas.exists || !part.get("scaling").exists) continue;
      yield {
        at: replicas,
        message: `${object.title} has ${replicas.pathText} and scaling: only one of them may be there.`,
        fix: "Remove replicas.",
        edits: [{ kind: "remove", path: replicas.path }],
      };
    }
  },
};

/** What KServe refuses in a block, as far as it stands there; the first that is found. */
interface Refusal {
  at: Field;
  /** The end of a sentence. */
  because: string;
  fix: string;
}

const directKeda: Version = [0, 21, 0];

const refusedScaling: Rule = {
  id: "llm-inference-service-scaling",
  title: "KServe refuses this scaling",
  severity: Severity.Error,
  kinds,
  happens: "The API server refuses the object, by its definition or by KServe's webhook.",
  why: "`scaling` takes one mechanism: `wva` with `hpa` or `keda`, or since KServe 0.21 `keda` with triggers of its own. KServe names the HPA, and with `wva` it writes the metric; an idle count is below the minimum; decoding and prefilling are scaled in the same way.",
  sources: [typesSource, validationSource],
  fix: "Write one of `wva.keda`, `wva.hpa` and `keda.triggers`.",
  bad: example("scaling:\n  minReplicas: 1\n  maxReplicas: 7"),
  good: example(scalingLines),
  *check(object: LintedObject, { versions: { kserve } }: LintContext): Generator<Report> {
    const parts = llmWorkloads(object).map(({ part }) => part.get("scaling"));
    const refusals = parts.map((scaling) => (scaling.exists ? refusalOf(scaling, kserve) : undefined));
    const found = refusals.find((refusal) => refusal !== undefined) ?? differing(parts);
    if (found !== undefined)
      yield { at: found.at, message: `KServe refuses ${object.title}: ${found.because}.`, fix: found.fix };
  },
};

function refusalOf(scaling: Field, kserve: Version): Refusal | undefined {
  const [wva, keda] = [scaling.get("wva"), scaling.get("keda")];
  if (keda.exists && !isAtLeast(kserve, directKeda))
    return {
      at: keda,
      because: `KServe ${formatVersion(kserve)} has no scaling.keda, which is new in 0.21`,
      fix: "Write wva, or replicas and no scaling until KServe is 0.21.",
    };
  if (wva.exists && keda.exists)
    return { at: keda, because: "wva and keda exclude each other", fix: "Remove one of them." };
  return (
    boundsRefusal(scaling) ??
    (keda.exists ? directRefusal(scaling, keda) : wva.exists ? wvaRefusal(scaling, wva) : unscaled(scaling, kserve))
  );
}

function boundsRefusal(scaling: Field): Refusal | undefined {
  const [min, max] = [scaling.get("minReplicas"), scaling.get("maxReplicas")];
  if (!max.exists) return { at: max, because: "scaling has no maxReplicas", fix: "Write maxReplicas." };
  const low = [min, max].find(({ number }) => number !== undefined && number < 1);
  if (low)
    return {
      at: low,
      because: `${low.path.at(-1)} is ${low.number}, and at least 1 is allowed`,
      fix: "Write 1 or more; idleReplicaCount: 0 of keda goes to zero.",
    };
  return (min.number ?? 1) > (max.number ?? 1)
    ? {
        at: min,
        because: `minReplicas ${min.number ?? 1} is above maxReplicas ${max.number}`,
        fix: "Write a minimum of at most the maximum.",
      }
    : undefined;
}

function unscaled(scaling: Field, kserve: Version): Refusal {
  const mechanisms = isAtLeast(kserve, directKeda) ? "neither wva nor keda" : "no wva";
  return { at: scaling, because: `scaling has ${mechanisms}`, fix: "Write wva with keda or hpa." };
}

function directRefusal(scaling: Field, keda: Field): Refusal | undefined {
  const triggers = keda.get("triggers");
  return triggers.items().length === 0
    ? { at: triggers, because: "keda has no triggers", fix: "Write keda.triggers, or wva." }
    : policyRefusal(scaling, keda);
}

function wvaRefusal(scaling: Field, wva: Field): Refusal | undefined {
  const [hpa, keda] = [wva.get("hpa"), wva.get("keda")];
  if (hpa.exists && keda.exists) return { at: hpa, because: "wva has both hpa and keda", fix: "Remove one of them." };
  if (!hpa.exists && !keda.exists)
    return { at: wva, because: "wva has neither hpa nor keda", fix: "Write keda: {} or hpa: {}." };
  const cost = wva.get("variantCost");
  if (cost.exists && !/^\d+(\.\d+)?$/.test(cost.text ?? ""))
    return {
      at: cost,
      because: `variantCost is ${JSON.stringify(cost.value)}, and must be a number in quotes`,
      fix: 'Write it as "10.0".',
    };
  const modifiers = keda.get("advanced", "scalingModifiers");
  if (modifiers.keys().length > 0)
    return { at: modifiers, because: "with wva KServe writes the metric itself", fix: "Remove scalingModifiers." };
  return policyRefusal(scaling, keda);
}

/** Of what both ways have in common. */
function policyRefusal(scaling: Field, keda: Field): Refusal | undefined {
  const name = keda.get("advanced", "horizontalPodAutoscalerConfig", "name");
  if (name.exists) return { at: name, because: "KServe names the HPA itself", fix: "Remove the name." };
  const [idle, min] = [keda.get("idleReplicaCount"), scaling.get("minReplicas")];
  return idle.number !== undefined && idle.number >= (min.number ?? 1)
    ? {
        at: idle,
        because: `idleReplicaCount ${idle.number} is not below minReplicas ${min.number ?? 1}`,
        fix: "Write idleReplicaCount: 0, or remove it.",
      }
    : undefined;
}

/** Both workloads take the same way. */
function differing([decode, prefill]: readonly Field[]): Refusal | undefined {
  if (decode === undefined || prefill === undefined || !decode.exists || !prefill.exists) return undefined;
  const wayOf = (scaling: Field) =>
    ["keda", "wva.hpa", "wva.keda"].find((way) => scaling.get(...way.split(".")).exists);
  const [one, other] = [wayOf(decode), wayOf(prefill)];
  return one === other
    ? undefined
    : {
        at: prefill,
        because: `it decodes with ${one} and prefills with ${other}`,
        fix: `Write ${one} for both.`,
      };
}

/** `keda-hpa-` before and `-kserve-keda` or `-kserve-prefill-keda` behind the name, which is a label's value too. */
const longestLabel = 63;

const nameTooLong: Rule = {
  id: "llm-inference-service-name-too-long",
  title: "The name leaves no room for what is made of it",
  severity: Severity.Error,
  kinds,
  happens:
    "KServe makes the ScaledObject `<name>-kserve-keda`, and KEDA's HPA for it has more than 63 characters: nothing is scaled.",
  why: "Names are labels too, and labels have at most 63 characters. KServe allows no other name for the HPA.",
  sources: [
    "kedacore/keda controllers/keda/hpa.go",
    "kserve/kserve pkg/controller/v1alpha2/llmisvc/scaling.go, mainScaledObjectName",
  ],
  fix: "Use at most 42 characters with `keda`, and 34 where prefilling is scaled, too.",
  bad: example(scalingLines, "llama-3-1-8b-instruct-fp8-dynamic-for-the-support"),
  good: example(scalingLines),
  *check(object: LintedObject): Generator<Report> {
    for (const { part } of llmWorkloads(object)) {
      const scaling = part.get("scaling");
      if (!scaling.get("keda").exists && !scaling.get("wva", "keda").exists) continue;
      const made = `${object.name}-kserve${part.path.at(-1) === "prefill" ? "-prefill" : ""}-keda`;
      const length = "keda-hpa-".length + made.length;
      if (length <= longestLabel) continue;
      yield {
        at: object.get("metadata", "name"),
        message: `keda-hpa-${made} has ${length} characters, and ${longestLabel} are allowed.`,
        fix: `Use at most ${object.name.length - length + longestLabel} characters.`,
      };
    }
  },
};

export const llmInferenceServiceRules: readonly Rule[] = [twoOwners, refusedScaling, nameTooLong];
