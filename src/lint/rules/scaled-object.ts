import { vllmNameOf } from "../../policy/query-signal/classify";
import { tolerancePercent } from "../../policy/saturation";
import { MetricType } from "../../policy/scaled-object";
import { figure } from "../../policy/text";
import { formatVersion, isAtLeast, type Version } from "../../policy/version";
import { selectorsOf } from "../../promql";
import { type Report, Severity } from "../finding";
import type { LintContext, Rule } from "../rule";
import { maxReplicasOf } from "../signals/reach";
import { hasFormula, type ScalingMetric, scalingMetricsOf, thresholdOf } from "../signals/scaling-metric";
import type { LintedObject } from "../source/linted-object";
import { indented, scaledObjectExample, selector, specLines } from "./examples";
import { minReplicasOf } from "./outage";

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
  title: "A formula needs a name for every trigger",
  severity: Severity.Error,
  kinds,
  happens: "KEDA refuses the object.",
  why: "The formula is written in the names of the triggers, and needs a target.",
  sources: [webhookSource],
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
    for (const trigger of object.get("spec", "triggers").items()) {
      if (trigger.get("name").exists) continue;
      yield {
        at: trigger,
        message: `Trigger ${trigger.path.at(-1)} has no name, which scalingModifiers need of every trigger.`,
        fix: "Write name.",
      };
    }
  },
};

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

const waitingAlone: Rule = {
  id: "queue-alone",
  title: "The waiting queue is the only signal",
  severity: Severity.Warning,
  kinds: ["ScaledObject", "InferenceService"],
  happens:
    "New replicas empty the queue, the metric falls to 0 and asks for the minimum. When the window for scaling in is over, replicas go, the queue is back, and so on.",
  why: "A queue is only there while there are too few replicas. It says nothing about how many are needed to keep it empty, and it grows after the latency is bad already.",
  sources: ["vllm-project/vllm vllm/v1/core/sched/scheduler.py"],
  fix: "Add the running requests: `sum(running) + sum(waiting)` with the number that one replica carries.",
  bad: scaledObjectExample({
    metadata: `query: sum(vllm:num_requests_waiting${selector})\nthreshold: "2"\nignoreNullValues: "false"`,
  }),
  good: scaledObjectExample(),
  *check(object: LintedObject): Generator<Report> {
    const metrics = scalingMetricsOf(object);
    const names = metrics.flatMap(({ expression }) =>
      expression ? selectorsOf(expression).map(vllmNameOf) : [undefined],
    );
    const others = object.kind === "ScaledObject" ? object.get("spec", "triggers").items().length - metrics.length : 0;
    if (names.length === 0 || others > 0 || !names.every((name) => name?.startsWith("num_requests_waiting"))) return;
    const [first] = metrics;
    if (first === undefined) return;
    yield {
      at: first.query,
      message:
        "Only waiting requests are counted: as soon as there are enough replicas the metric is 0, and asks for the minimum.",
      fix: "Scale by running and waiting requests together, or add a trigger that stays when the queue is empty.",
    };
  },
};

/** Latencies that a request's wait for a place is a part of, and what else they hold. */
const latenciesWithWait = new Map([
  ["time_to_first_token_seconds", "the prefill"],
  ["e2e_request_latency_seconds", "prefill and generation"],
  ["request_queue_time_seconds", "nothing"],
]);

const firstTokenQuery = `(1000 * histogram_quantile(0.9, sum by (le) (rate(vllm:time_to_first_token_seconds_bucket${selector}[2m]))) > 0) or (0 * sum(vllm:num_requests_running${selector}))`;
const firstTokenLines = `query: ${firstTokenQuery}
threshold: "2000"
ignoreNullValues: "false"`;

const waitAlone: Rule = {
  id: "waiting-time-alone",
  title: "A latency that holds the wait is the only signal",
  severity: Severity.Warning,
  kinds,
  happens:
    "Below capacity the time to first token is the prefill alone: it does not say how much load there is, and asks for the minimum. Above it the wait grows as long as requests come faster than they are served, and each further replica takes less of it away than the HPA reckons with. Long prompts, whose prefill alone is above the threshold, keep it at the maximum.",
  why: "For a metric of type `Value` the HPA takes it that twice the replicas halve the value. Of a latency, replicas divide only the wait: from n to n + 1 of them by at most 1 / (n + 1), with the same requests waiting, spread evenly. Requests that wait already stay where they are, so really it is less.",
  sources: [
    "vllm-project/vllm vllm/v1/metrics/stats.py, time_to_first_token counts from the arrival",
    "kubernetes/kubernetes pkg/controller/podautoscaler/replica_calculator.go, GetExternalMetricReplicas",
  ],
  fix: "Scale by running and waiting requests, and keep the latency as a second trigger.",
  bad: scaledObjectExample({ trigger: "name: first-token\nmetricType: Value", metadata: firstTokenLines }),
  good: `${scaledObjectExample()}    - type: prometheus
      name: first-token
      metricType: Value
      metadata:
        serverAddress: http://prometheus-operated.monitoring.svc:9090
${indented(firstTokenLines, 8)}
`,
  *check(object: LintedObject): Generator<Report> {
    const metrics = scalingMetricsOf(object);
    const others = object.get("spec", "triggers").items().length - metrics.length;
    if (others > 0 || hasFormula(object) || !metrics.every((metric) => fixedPartOf(metric) !== undefined)) return;
    const fewest = Math.max(1, minReplicasOf(object));
    const most = maxReplicasOf(object);
    for (const metric of metrics) {
      const threshold = thresholdOf(metric);
      const fixedPart = fixedPartOf(metric);
      if (threshold === undefined || fixedPart === undefined || most <= fewest) continue;
      const highest = figure((threshold * (100 + tolerancePercent)) / 100, 3);
      yield {
        at: metric.query,
        message: `A replica more shortens only the wait in ${metric.title}: from ${fewest} to ${fewest + 1} replicas by ${dropTo(fewest + 1)} at most, from ${most - 1} to ${most} by ${dropTo(most)}. ${
          fixedPart === "nothing"
            ? `When nobody waits it is 0, and asks for ${fewest}.`
            : `${sentenceCase(fixedPart)} ${fixedPart.includes(" and ") ? "stay" : "stays"}: above ${highest}, the threshold and the HPA's tolerance, ${fixedPart.includes(" and ") ? "they alone keep" : "it alone keeps"} ${most} replicas, whatever the load.`
        }`,
        fix: "Scale by running and waiting requests, and keep the latency beside them.",
      };
    }
  },
};

/** What a latency with the wait holds beside it; `undefined` for other metrics, and for sums, shares and averages over replicas. */
function fixedPartOf({ expression, metricType, signal }: ScalingMetric): string | undefined {
  const isLatency = signal?.extent === "intensive" && signal.unit === "seconds" && signal.range.max > 1;
  if (expression === undefined || !isLatency || metricType !== MetricType.Value) return undefined;
  const parts = selectorsOf(expression).map((found) =>
    latenciesWithWait.get((vllmNameOf(found) ?? "").replace(/_(bucket|sum|count)$/, "")),
  );
  return parts.find((part) => part !== undefined);
}

/** By how much the last of so many replicas shortens a wait that they share. */
function dropTo(replicas: number): string {
  return `${figure(100 / replicas, 0)} %`;
}

function sentenceCase(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

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

const noisySignals: readonly { name: RegExp; why: string }[] = [
  {
    name: /^DCGM_FI_(DEV_GPU_UTIL|PROF_GR_ENGINE_ACTIVE)$/,
    why: "a GPU that decodes for one request shows near 100 %, and so does a full one",
  },
  {
    name: /^(container_cpu_usage_seconds_total|node_cpu_seconds_total)$/,
    why: "vLLM keeps a core busy while it waits for the GPU",
  },
  {
    name: /^(container_memory_working_set_bytes|DCGM_FI_DEV_FB_USED)$/,
    why: "vLLM takes its memory at the start, whatever the load",
  },
];

const notALoadSignal: Rule = {
  id: "utilization-as-signal",
  modelsOnly: true,
  title: "GPU, CPU or memory use says nothing about vLLM's load",
  severity: Severity.Warning,
  kinds,
  happens:
    "With one request the GPU shows near 100 %, so it scales to the maximum; or memory is full from the start, so nothing ever changes.",
  why: "Decoding is bound by memory bandwidth: utilization counts the time a kernel runs, not how much more could. vLLM takes its share of the memory at the start.",
  sources: [
    "NVIDIA/dcgm-exporter etc/default-counters.csv",
    "vllm-project/vllm docs/configuration/conserving_memory.md, gpu_memory_utilization",
  ],
  fix: "Scale by the requests in vLLM, `vllm:num_requests_running` and `vllm:num_requests_waiting`.",
  bad: scaledObjectExample({
    trigger: "name: gpu\nmetricType: Value",
    metadata:
      'query: avg(DCGM_FI_DEV_GPU_UTIL{exported_namespace="models"})\nthreshold: "80"\nignoreNullValues: "false"',
  }),
  good: scaledObjectExample(),
  *check(object: LintedObject): Generator<Report> {
    for (const { expression, query, title } of scalingMetricsOf(object)) {
      const names = expression ? selectorsOf(expression).map(({ metric }) => metric ?? "") : [];
      const found = noisySignals.find(({ name }) => names.some((metric) => name.test(metric)));
      if (found)
        yield {
          at: query,
          message: `${title} does not follow the load: ${found.why}.`,
          fix: "Scale by running and waiting requests.",
        };
    }
    const triggers = object.get("spec", "triggers").items();
    const [first] = triggers;
    if (first && triggers.every((trigger) => ["cpu", "memory"].includes(trigger.get("type").text ?? ""))) {
      yield {
        at: first,
        message: "Only CPU or memory is measured, which vLLM uses alike whatever the load.",
        fix: "Scale by running and waiting requests.",
      };
    }
  },
};

export const scaledObjectRules: readonly Rule[] = [
  nameTooLong,
  duplicateNames,
  formula,
  unnamedInFormula,
  toleranceUnsupported,
  waitingAlone,
  waitAlone,
  namespaceOfKeda,
  notALoadSignal,
];
