import { tolerancePercent } from "../../policy/saturation";
import { MetricType } from "../../policy/scaled-object";
import { figure } from "../../policy/text";
import { formatVersion, isAtLeast, type Version } from "../../policy/version";
import { type Report, Severity } from "../finding";
import type { Rule } from "../rule";
import { scalingMetricsOf, thresholdOf } from "../signals/scaling-metric";
import type { LintedObject } from "../source/linted-object";
import { inFlightLines, itlQuery, scaledObjectExample, selector, specLines } from "./examples";
import { minReplicasOf } from "./outage";

const kinds = ["ScaledObject"];
const scalerSource = "kedacore/keda pkg/scalers/prometheus_scaler.go";

const metricTypeInMetadata: Rule = {
  id: "metric-type-in-metadata",
  title: "The metric type stands where nobody reads it",
  severity: Severity.Error,
  kinds,
  happens: "The trigger has KEDA's default, `AverageValue`, whatever is written.",
  why: "`metricType` is a field of the trigger. KEDA passes over keys of `metadata` that it does not know.",
  sources: ["kedacore/keda apis/keda/v1alpha1/scaledobject_types.go, ScaleTriggers", scalerSource],
  fix: "Move it up, beside `type`.",
  bad: scaledObjectExample({ trigger: "name: in-flight", metadata: `${inFlightLines}\nmetricType: AverageValue` }),
  good: scaledObjectExample(),
  *check(object: LintedObject): Generator<Report> {
    for (const trigger of object.get("spec", "triggers").items()) {
      const field = trigger.get("metadata", "metricType");
      if (!field.exists) continue;
      const beside = trigger.get("metricType");
      const written = field.scalarText ?? "";
      yield {
        at: field,
        message: `metadata.metricType ${written} is passed over: the metric type is ${beside.text ?? `${MetricType.AverageValue}, the default`}.`,
        fix: "Move metricType out of metadata, beside type.",
        edits: [
          { kind: "remove", path: field.path },
          // What is already in force changes nothing; another type is for a person to decide.
          ...(!beside.exists && written === MetricType.AverageValue
            ? [{ kind: "add" as const, path: beside.path, value: written }]
            : []),
        ],
      };
    }
  },
};

const utilization: Rule = {
  id: "utilization-of-prometheus",
  title: "Utilization is for CPU and memory",
  severity: Severity.Error,
  kinds,
  happens: "KEDA refuses the trigger, and makes no HPA.",
  why: "`Utilization` compares with what a container requests, which only CPU and memory have.",
  sources: ["kedacore/keda pkg/scalers/scaler.go, GetMetricTargetType"],
  fix: "Write `AverageValue` for a sum over replicas, `Value` for anything else.",
  bad: scaledObjectExample({ trigger: "name: in-flight\nmetricType: Utilization" }),
  good: scaledObjectExample(),
  *check(object: LintedObject): Generator<Report> {
    for (const { metricType, metricTypeField, title } of scalingMetricsOf(object)) {
      if (metricType !== MetricType.Utilization || metricTypeField === undefined) continue;
      yield {
        at: metricTypeField,
        message: `KEDA refuses metricType Utilization for ${title}, a trigger of type prometheus.`,
        fix: "Write AverageValue for a sum, Value for a mean, share or quantile.",
      };
    }
  },
};

const thresholdUnreadable: Rule = {
  id: "threshold-unreadable",
  title: "KEDA cannot read the threshold",
  severity: Severity.Error,
  kinds: ["ScaledObject", "InferenceService", "LLMInferenceService"],
  happens: "KEDA makes no HPA, or the API server refuses the object: nothing is scaled.",
  why: 'The threshold is required, a string, and read as a plain number: `"0.07"` is one, `"70m"` and `"75ms"` are not.',
  sources: [`${scalerSource}, threshold`],
  fix: "Write a plain number in quotes.",
  bad: scaledObjectExample({ metadata: inFlightLines.replace('"5"', '"5000m"') }),
  good: scaledObjectExample(),
  *check(object: LintedObject): Generator<Report> {
    for (const metric of scalingMetricsOf(object)) {
      const { threshold, title } = metric;
      const number = thresholdOf(metric);
      if (threshold.text !== undefined && number !== undefined && number > 0) continue;
      // There a whole number is one too, and any other has a rule of its own.
      if (object.kind === "InferenceService" && threshold.number !== undefined) continue;
      if (!threshold.exists) {
        yield {
          at: threshold,
          message: `${title} has no threshold, which KEDA requires.`,
          fix: 'Write threshold: "<number>".',
        };
      } else if (number !== undefined && number > 0) {
        yield {
          at: threshold,
          message: `The threshold ${number} of ${title} is a number where the API wants a string: the API server refuses the object.`,
          fix: `Write "${number}".`,
          edits: [{ kind: "set", path: threshold.path, value: `${number}` }],
        };
      } else {
        yield {
          at: threshold,
          message: `KEDA cannot read the threshold ${JSON.stringify(threshold.value)} of ${title}: it must be a plain number above 0.`,
          fix: "Write a number without a unit; put the unit into the query.",
        };
      }
    }
  },
};

const metadataNotText: Rule = {
  id: "metadata-not-text",
  title: "Metadata of a trigger is text",
  severity: Severity.Error,
  kinds,
  happens: "The API server refuses the object: `must be of type string`.",
  why: "`metadata` is a map of strings, and so are `target` and `activationTarget` of `scalingModifiers`. YAML reads `false` and `5` without quotes as something else.",
  sources: ["kedacore/keda apis/keda/v1alpha1/scaledobject_types.go, ScaleTriggers and ScalingModifiers"],
  fix: 'Put it in quotes: `ignoreNullValues: "false"`.',
  bad: scaledObjectExample({ metadata: inFlightLines.replace('"false"', "false") }),
  good: scaledObjectExample(),
  *check(object: LintedObject): Generator<Report> {
    // The threshold has a rule of its own.
    const thresholds = new Set(scalingMetricsOf(object).map(({ threshold }) => threshold.pathText));
    const modifiers = object.get("spec", "advanced", "scalingModifiers");
    const texts = [
      ...object
        .get("spec", "triggers")
        .items()
        .flatMap((trigger) => trigger.get("metadata").entries())
        .map(([, field]) => field),
      ...["target", "activationTarget"].map((key) => modifiers.get(key)),
    ];
    for (const field of texts) {
      if (!field.isKnown || thresholds.has(field.pathText)) continue;
      const { value } = field;
      if (typeof value !== "number" && typeof value !== "boolean") continue;
      yield {
        at: field,
        message: `${field.path.at(-1)} is ${value} without quotes where the API wants a string: the API server refuses the object.`,
        fix: `Write "${value}".`,
        edits: [{ kind: "set", path: field.path, value: `${value}` }],
      };
    }
  },
};

const thresholdOutOfRange: Rule = {
  id: "threshold-out-of-range",
  title: "The metric never reaches the threshold",
  severity: Severity.Error,
  kinds: ["ScaledObject", "InferenceService"],
  happens: "The trigger never asks for a second replica. It looks like a safety net and is none.",
  why: "vLLM's cache usage is a share from 0 to 1, though its name ends in `perc`. A threshold in percent is a hundred times too high. One just below the maximum is no better: the HPA tolerates 10 % above a threshold.",
  sources: [
    'vllm-project/vllm vllm/v1/metrics/loggers.py, vllm:kv_cache_usage_perc: "1 means 100 percent usage"',
    "kubernetes/kubernetes pkg/controller/podautoscaler/replica_calculator.go, Tolerances",
  ],
  fix: "Write the threshold in the unit of the query, or multiply the query by 100.",
  bad: scaledObjectExample({
    trigger: "name: kv-cache\nmetricType: Value",
    metadata: `query: avg(vllm:kv_cache_usage_perc${selector})\nthreshold: "85"\nignoreNullValues: "false"`,
  }),
  good: scaledObjectExample({
    trigger: "name: kv-cache\nmetricType: Value",
    metadata: `query: 100 * avg(vllm:kv_cache_usage_perc${selector})\nthreshold: "85"\nignoreNullValues: "false"`,
  }),
  *check(object: LintedObject): Generator<Report> {
    const scaleUp = object.get("spec", "advanced", "horizontalPodAutoscalerConfig", "behavior", "scaleUp");
    for (const metric of scalingMetricsOf(object)) {
      const threshold = thresholdOf(metric);
      const max = metric.signal?.range.max;
      if (threshold === undefined || max === undefined || !Number.isFinite(max)) continue;
      // A tolerance of one's own is mostly a smaller one.
      const tolerance = scaleUp.get("tolerance").exists ? 0 : tolerancePercent;
      const bound = (100 * max) / (100 + tolerance);
      if (threshold < bound) continue;
      yield {
        at: metric.threshold,
        message: `${metric.title} is at most ${figure(max, 3)} and its threshold is ${figure(threshold, 3)}${threshold < max ? `, within the HPA's tolerance of ${tolerancePercent} %` : ""}: it can never ask for more replicas than there are.`,
        fix:
          max === 1 && threshold > 1 && threshold <= 100
            ? `Write ${figure(threshold / 100, 3)}: the metric is a share, 0 to 1.`
            : `Write a threshold well below ${figure(bound, 3)}.`,
      };
    }
  },
};

/** Before it, KEDA cuts values and thresholds off after three decimals; later it rounds them. */
const kedaRounds: Version = [2, 20, 0];

const fineThreshold: Rule = {
  id: "threshold-loses-precision",
  title: "The threshold is finer than what KEDA passes on",
  severity: Severity.Info,
  kinds,
  happens: "A latency in seconds is compared in steps of a millisecond: 70.9 ms reads as 70 before KEDA 2.20.",
  why: "KEDA hands values on in thousandths, and `fallback` and `scalingModifiers` want whole numbers.",
  sources: ["kedacore/keda pkg/scalers/scaler.go, GenerateMetricInMili", "kedacore/keda pkg/fallback/fallback.go"],
  fix: "Measure in milliseconds: multiply the query by 1000.",
  bad: scaledObjectExample({
    trigger: "name: itl\nmetricType: Value",
    metadata: `query: (histogram_quantile(0.5, sum by (le) (rate(vllm:inter_token_latency_seconds_bucket${selector}[2m]))) > 0) or (0 * sum(vllm:num_requests_running${selector}))\nthreshold: "0.068"\nignoreNullValues: "false"`,
  }),
  good: scaledObjectExample({
    trigger: "name: itl\nmetricType: Value",
    metadata: `query: ${itlQuery}\nthreshold: "68"\nignoreNullValues: "false"`,
  }),
  *check(object: LintedObject, { versions: { keda } }): Generator<Report> {
    for (const metric of scalingMetricsOf(object)) {
      const threshold = thresholdOf(metric);
      if (threshold === undefined || threshold <= 0 || threshold >= 1 || metric.signal?.unit !== "seconds") continue;
      yield {
        at: metric.threshold,
        message: `KEDA ${formatVersion(keda)} passes ${metric.title} on in thousandths${isAtLeast(keda, kedaRounds) ? "" : ", cut off"}: of the threshold ${figure(threshold, 4)} one step is ${figure(0.1 / threshold, 1)} %.`,
        fix: `Write 1000 * (<query>) and threshold "${Math.round(threshold * 1000)}".`,
      };
    }
  },
};

const pollingInert: Rule = {
  id: "polling-interval-without-effect",
  modelsOnly: true,
  title: "The polling interval does nothing here",
  severity: Severity.Warning,
  kinds,
  happens: "It looks as if it made scaling faster. The HPA still asks every 15 s.",
  why: "`pollingInterval` decides how often KEDA looks whether to leave zero, and how old a cached metric may be. Between 1 and N replicas the HPA's own sync asks Prometheus.",
  sources: ["kedacore/keda pkg/scaling/scale_handler.go", "kedacore/keda apis/keda/v1alpha1/scaledobject_webhook.go"],
  fix: "Remove it.",
  bad: scaledObjectExample({ spec: `pollingInterval: 5\n${specLines}` }),
  good: scaledObjectExample(),
  *check(object: LintedObject): Generator<Report> {
    const field = object.get("spec", "pollingInterval");
    if (!field.exists || reachesZero(object) || cachesMetrics(object)) return;
    yield {
      at: field,
      message: `pollingInterval ${field.scalarText} does nothing while minReplicaCount is ${minReplicasOf(object)}: the HPA asks every 15 s.`,
      fix: "Remove it.",
      edits: [{ kind: "remove", path: field.path }],
    };
  },
};

const cooldownInert: Rule = {
  id: "cooldown-period-without-effect",
  modelsOnly: true,
  title: "The cooldown period does nothing here",
  severity: Severity.Warning,
  kinds,
  happens:
    "It looks as if it decided when replicas go. Scaling in waits for the HPA's window of 300 s, or for `behavior`.",
  why: "`cooldownPeriod` and `initialCooldownPeriod` only delay the step to zero, or to `idleReplicaCount`.",
  sources: ["kedacore/keda pkg/scaling/executor/scale_scaledobjects.go, scaleToZeroOrIdle"],
  fix: "Remove it; write `behavior.scaleDown` for what you want.",
  bad: scaledObjectExample({ spec: `cooldownPeriod: 10\n${specLines}` }),
  good: scaledObjectExample(),
  *check(object: LintedObject): Generator<Report> {
    if (reachesZero(object)) return;
    for (const key of ["cooldownPeriod", "initialCooldownPeriod"]) {
      const field = object.get("spec", key);
      if (!field.exists) continue;
      yield {
        at: field,
        message: `${key} ${field.scalarText} does nothing while minReplicaCount is ${minReplicasOf(object)}: it only delays the step to 0.`,
        fix: "Remove it, and write behavior.scaleDown.",
        edits: [{ kind: "remove", path: field.path }],
      };
    }
  },
};

const activationInert: Rule = {
  id: "activation-threshold-without-effect",
  modelsOnly: true,
  title: "The activation threshold does nothing here",
  severity: Severity.Info,
  kinds,
  happens: "Nothing: it is read only where replicas may be 0.",
  why: "`activationThreshold` decides between 0 and 1.",
  sources: [scalerSource],
  fix: "Remove it.",
  bad: scaledObjectExample({ metadata: `${inFlightLines}\nactivationThreshold: "1"` }),
  good: scaledObjectExample(),
  *check(object: LintedObject): Generator<Report> {
    if (reachesZero(object)) return;
    for (const trigger of object.get("spec", "triggers").items()) {
      const field = trigger.get("metadata", "activationThreshold");
      if (!field.exists) continue;
      yield {
        at: field,
        message: `activationThreshold ${field.scalarText} does nothing while minReplicaCount is ${minReplicasOf(object)}.`,
        fix: "Remove it.",
        edits: [{ kind: "remove", path: field.path }],
      };
    }
  },
};

function reachesZero(object: LintedObject): boolean {
  return minReplicasOf(object) === 0 || object.get("spec", "idleReplicaCount").exists;
}

function cachesMetrics(object: LintedObject): boolean {
  return object
    .get("spec", "triggers")
    .items()
    .some((trigger) => trigger.get("useCachedMetrics").value === true);
}

const knownMetadata = new Set([
  ...["serverAddress", "metricName", "query", "threshold", "activationThreshold", "namespace", "queryParameters"],
  ...["customHeaders", "ignoreNullValues", "unsafeSsl", "authModes", "timeout", "awsRegion", "identityOwner"],
  ...["awsAccessKeyID", "awsAccessKeyIDFromEnv", "awsSecretAccessKeyFromEnv", "authMode", "metricType"],
  ...["credentialsFromEnv", "credentialsFromEnvFile", "cloud", "azureManagedPrometheusResourceURL"],
]);

const unknownMetadata: Rule = {
  id: "unknown-metadata",
  title: "KEDA does not know this key",
  severity: Severity.Warning,
  kinds,
  happens: "What it was meant to say is not in force, and nobody says so.",
  why: "KEDA passes over keys of `metadata` that it does not know.",
  sources: [`${scalerSource}, prometheusMetadata`],
  fix: "Correct the key, or remove it.",
  bad: scaledObjectExample({ metadata: `${inFlightLines}\nactivationTreshold: "1"` }),
  good: scaledObjectExample(),
  *check(object: LintedObject): Generator<Report> {
    for (const { field, title } of scalingMetricsOf(object)) {
      for (const [key, value] of field.get("metadata").entries()) {
        if (knownMetadata.has(key)) continue;
        yield {
          at: value,
          message: `KEDA does not read metadata.${key} of ${title}.`,
          fix: `Correct or remove it; there are ${[...knownMetadata].slice(1, 12).join(", ")}.`,
        };
      }
    }
  },
};

export const triggerRules: readonly Rule[] = [
  metricTypeInMetadata,
  utilization,
  thresholdUnreadable,
  metadataNotText,
  thresholdOutOfRange,
  fineThreshold,
  pollingInert,
  cooldownInert,
  activationInert,
  unknownMetadata,
];
