import { formatVersion, isAtLeast, type Version } from "../../policy/version";
import { type Report, Severity } from "../finding";
import type { LintContext, Rule } from "../rule";
import { scalingMetricsOf } from "../signals/scaling-metric";
import type { LintedObject } from "../source/linted-object";
import { scaledObjectExample, selector, specLines } from "./examples";

const kinds = ["ScaledObject"];
/** `keda-hpa-<name>` is a label's value too: 63 characters. */
const longestName = 54;
const webhookSource = "kedacore/keda apis/keda/v1alpha1/scaledobject_webhook.go";

const nameTooLong: Rule = {
  id: "scaled-object-name-too-long",
  title: "The name is too long for KEDA's HPA",
  severity: Severity.Error,
  kinds,
  happens: "KEDA cannot make the HPA: nothing is scaled.",
  why: "KEDA calls the HPA `keda-hpa-<name>`, and writes it in a label, which has at most 63 characters.",
  sources: [webhookSource, "kedacore/keda controllers/keda/hpa.go"],
  fix: "Use at most 54 characters, or name the HPA in `advanced.horizontalPodAutoscalerConfig.name`.",
  bad: scaledObjectExample({ name: "llama-3-1-8b-instruct-fp8-dynamic-for-the-chat-of-support" }),
  good: scaledObjectExample(),
  *check(object: LintedObject): Generator<Report> {
    if (
      object.name.length <= longestName ||
      object.get("spec", "advanced", "horizontalPodAutoscalerConfig", "name").exists
    )
      return;
    yield {
      at: object.get("metadata", "name"),
      message: `keda-hpa-${object.name} has ${object.name.length + 9} characters, and 63 are allowed.`,
      fix: `Use at most ${longestName} characters.`,
    };
  },
};

const duplicateNames: Rule = {
  id: "duplicate-trigger-name",
  title: "Two triggers have one name",
  severity: Severity.Error,
  kinds,
  happens: "KEDA's webhook refuses the object; without the webhook, formulas and events mean one of the two.",
  why: "Trigger names identify triggers.",
  sources: [webhookSource],
  fix: "Give each its own name.",
  bad: `${scaledObjectExample()}    - type: cron\n      name: in-flight\n      metadata:\n        timezone: Europe/Berlin\n        start: 0 8 * * 1-5\n        end: 0 18 * * 1-5\n        desiredReplicas: "2"\n`,
  good: `${scaledObjectExample()}    - type: cron\n      name: working-hours\n      metadata:\n        timezone: Europe/Berlin\n        start: 0 8 * * 1-5\n        end: 0 18 * * 1-5\n        desiredReplicas: "2"\n`,
  *check(object: LintedObject): Generator<Report> {
    const seen = new Set<string>();
    for (const trigger of object.get("spec", "triggers").items()) {
      const name = trigger.get("name").text;
      if (name === undefined) continue;
      if (seen.has(name))
        yield {
          at: trigger.get("name"),
          message: `Another trigger is called ${name} too: KEDA refuses the object.`,
          fix: "Give it another name.",
        };
      seen.add(name);
    }
  },
};

const formula: Rule = {
  id: "formula-loses-the-maximum",
  title: "A formula replaces the maximum over the triggers",
  severity: Severity.Warning,
  kinds,
  happens:
    "The HPA sees one number instead of one for each trigger: it no longer follows the trigger that asks for most, and each trigger's metric type is passed over.",
  why: "With `scalingModifiers` KEDA hands the HPA one composite metric with one target and one type. Sums and latencies cannot both be right under one type.",
  sources: ["kedacore/keda pkg/scaling/modifiers/formula.go"],
  fix: "Leave the formula away: the HPA takes the largest proposal of all triggers. Keep it for a control law that really is one number.",
  bad: `${scaledObjectExample({
    spec: specLines.replace(
      "advanced:",
      'advanced:\n  scalingModifiers:\n    formula: "max(requests, itl)"\n    target: "5"',
    ),
    trigger: "name: requests",
  })}    - type: prometheus\n      name: itl\n      metricType: Value\n      metadata:\n        serverAddress: http://prometheus-operated.monitoring.svc:9090\n        query: (1000 * histogram_quantile(0.5, sum by (le) (rate(vllm:inter_token_latency_seconds_bucket${selector}[2m]))) > 0) or (0 * sum(vllm:num_requests_running${selector}))\n        threshold: "68"\n        ignoreNullValues: "false"\n`,
  good: scaledObjectExample(),
  *check(object: LintedObject): Generator<Report> {
    const modifiers = object.get("spec", "advanced", "scalingModifiers", "formula");
    if (!modifiers.exists) return;
    const extents = new Set(scalingMetricsOf(object).flatMap(({ signal }) => (signal ? [signal.extent] : [])));
    if (!(extents.has("extensive") && extents.has("intensive"))) return;
    yield {
      at: modifiers,
      message:
        "The formula puts sums and intensive metrics into one number with one metric type: whichever it is, one of them is read wrongly.",
      fix: "Remove scalingModifiers; the HPA takes the maximum over the triggers by itself.",
    };
  },
};

const unnamedInFormula: Rule = {
  id: "formula-without-names",
  title: "A formula is written in the names of all triggers",
  severity: Severity.Error,
  kinds,
  happens: "KEDA refuses the object.",
  why: "Each trigger needs a name, but for CPU and memory, which go to the HPA beside the formula. The formula may name nothing else, and it needs a target. A minus in a name is a subtraction.",
  sources: [`${webhookSource}, validateScalingModifiersFormula`, "kedacore/keda pkg/scaling/modifiers/formula.go"],
  fix: "Name each trigger, and write `target`.",
  bad: scaledObjectExample({
    spec: specLines.replace(
      "advanced:",
      'advanced:\n  scalingModifiers:\n    formula: "requests * 2"\n    target: "10"',
    ),
    trigger: "metricType: AverageValue",
  }),
  good: scaledObjectExample({
    spec: specLines.replace(
      "advanced:",
      'advanced:\n  scalingModifiers:\n    formula: "requests * 2"\n    target: "10"',
    ),
    trigger: "name: requests",
  }),
  *check(object: LintedObject): Generator<Report> {
    const modifiers = object.get("spec", "advanced", "scalingModifiers");
    if (!modifiers.get("formula").exists) return;
    if (!modifiers.get("target").exists)
      yield {
        at: modifiers.get("target"),
        message: "The formula has no target: KEDA refuses the object.",
        fix: "Write scalingModifiers.target.",
      };
    // CPU and memory go to the HPA beside the formula.
    const triggers = object
      .get("spec", "triggers")
      .items()
      .filter((trigger) => !["cpu", "memory"].includes(trigger.get("type").text ?? ""));
    for (const trigger of triggers) {
      if (trigger.get("name").exists) continue;
      yield {
        at: trigger,
        message: `Trigger ${trigger.path.at(-1)} has no name, which scalingModifiers need of every trigger.`,
        fix: "Write name.",
      };
    }
    const names = triggers.map((trigger) => trigger.get("name").text ?? "");
    for (const unknown of variablesOf(modifiers.get("formula").text ?? "").filter((name) => !names.includes(name))) {
      yield {
        at: modifiers.get("formula"),
        message: `No trigger is called ${unknown}, which the formula names: KEDA refuses the object.`,
        fix: "Write the name of a trigger, of letters, digits and underscores.",
      };
    }
  },
};

/** Words of expr-lang, which formulas are written in, that are no variables. */
const formulaWords = new Set([
  ...["and", "or", "not", "in", "contains", "matches", "startsWith", "endsWith", "let", "if", "else"],
  ...["true", "false", "nil", "env"],
]);

/** Variables of a formula, each once; none where it has some of its own. */
function variablesOf(formula: string): string[] {
  const code = formula.replace(/"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`|\/\*[\s\S]*?\*\/|(?:\/\/|#\s).*/g, " ");
  if (/\blet\b/.test(code)) return [];
  const found = [...code.matchAll(/(?<![\w.#$])[A-Za-z_]\w*(?!\w)(?!\s*[(:])/g)].map(([name]) => name);
  return [...new Set(found)].filter((name) => !formulaWords.has(name));
}

const kedaWithTolerance: Version = [2, 18, 0];
const kubernetesWithTolerance: Version = [1, 35, 0];

const toleranceUnsupported: Rule = {
  id: "tolerance-not-supported",
  title: "This release does not read the tolerance",
  severity: Severity.Error,
  kinds,
  happens: "The HPA keeps ignoring deviations of up to 10 %, or the API server refuses the field.",
  why: "`tolerance` is in KEDA's definition since 2.18, and on by default since Kubernetes 1.35 (HPAConfigurableTolerance).",
  sources: ["kubernetes/enhancements keps/sig-autoscaling/4951-configurable-hpa-tolerance/kep.yaml"],
  fix: "Choose thresholds that leave room for 10 %: the objective divided by 1.1.",
  bad: scaledObjectExample({
    spec: specLines.replace("scaleDown:", 'scaleUp:\n        tolerance: "0"\n      scaleDown:'),
  }),
  good: scaledObjectExample(),
  examplesFor: { kubernetes: [1, 34, 0] },
  *check(object: LintedObject, { versions: { keda, kubernetes } }: LintContext): Generator<Report> {
    if (isAtLeast(keda, kedaWithTolerance) && isAtLeast(kubernetes, kubernetesWithTolerance)) return;
    for (const direction of ["scaleUp", "scaleDown"]) {
      const field = object.get("spec", "advanced", "horizontalPodAutoscalerConfig", "behavior", direction, "tolerance");
      if (!field.exists) continue;
      yield {
        at: field,
        message: `KEDA ${formatVersion(keda)} on Kubernetes ${formatVersion(kubernetes)} does not act on ${direction}.tolerance: deviations up to 10 % stay unseen.`,
        fix: "Remove it and divide the threshold by 1.1; it needs KEDA 2.18 and Kubernetes 1.35.",
      };
    }
  },
};

const namespaceOfKeda: Rule = {
  id: "in-kedas-namespace",
  modelsOnly: true,
  title: "The policy lives in KEDA's own namespace",
  severity: Severity.Warning,
  kinds: ["ScaledObject", "TriggerAuthentication"],
  happens: "It only reaches workloads in that namespace, and its credentials lie beside KEDA's.",
  why: "A ScaledObject scales workloads of its own namespace. KEDA's namespace is for KEDA.",
  sources: ["kedacore/keda apis/keda/v1alpha1/scaledobject_types.go"],
  fix: "Put it beside the workload.",
  bad: scaledObjectExample({ namespace: "openshift-keda" }).replaceAll(
    'namespace="models"',
    'namespace="openshift-keda"',
  ),
  good: scaledObjectExample(),
  *check(object: LintedObject): Generator<Report> {
    if (object.namespace !== "keda" && object.namespace !== "openshift-keda") return;
    yield {
      at: object.get("metadata", "namespace"),
      message: `${object.kind} ${object.name} is in ${object.namespace}, where KEDA itself runs.`,
      fix: "Move it and what it refers to into the workload's namespace.",
    };
  },
};

export const scaledObjectRules: readonly Rule[] = [
  nameTooLong,
  duplicateNames,
  formula,
  unnamedInFormula,
  toleranceUnsupported,
  namespaceOfKeda,
];
