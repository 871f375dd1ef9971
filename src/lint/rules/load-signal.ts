import { countsReplicas, vllmNameOf } from "../../policy/query-signal/classify";
import { tolerancePercent } from "../../policy/saturation";
import { MetricType } from "../../policy/scaled-object";
import { figure } from "../../policy/text";
import { selectorsOf } from "../../promql";
import { type Report, Severity } from "../finding";
import type { LintContext, Rule } from "../rule";
import { scalesByContainersAlone } from "../signals/container-resources";
import { maxReplicasOf } from "../signals/reach";
import { hasFormula, type ScalingMetric, scalingMetricsOf, thresholdOf, triggersOf } from "../signals/scaling-metric";
import type { LintedObject } from "../source/linted-object";
import { isVllmOnGpu } from "../vllm-on-gpu";
import { indented, scaledObjectExample, selector } from "./examples";
import { minReplicasOf } from "./outage";

const kinds = ["ScaledObject"];

const waitingAlone: Rule = {
  id: "queue-alone",
  title: "The waiting queue is the only signal",
  severity: Severity.Warning,
  kinds: ["ScaledObject", "InferenceService", "LLMInferenceService", "HorizontalPodAutoscaler"],
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
      expression
        ? selectorsOf(expression)
            .filter((found) => !countsReplicas(found))
            .map(vllmNameOf)
        : [undefined],
    );
    const all = [...triggersOf(object), ...object.get("spec", "metrics").items()];
    const others = all.length - metrics.length;
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
  kinds: ["ScaledObject", "HorizontalPodAutoscaler", "InferenceService", "LLMInferenceService"],
  happens:
    "With one request the GPU shows near 100 %, so it scales to the maximum; or memory is full from the start, so nothing ever changes. An InferenceService in Standard mode without a class of autoscaler, or an HPA without metrics, is scaled by CPU at 80 %.",
  why: "Decoding is bound by memory bandwidth: utilization counts the time a kernel runs, not how much more could. vLLM takes its share of the memory at the start, and keeps a core busy while the GPU works. CPU and memory are told only where vLLM is seen to run on a GPU: on CPUs they may be all there is.",
  sources: [
    "NVIDIA/dcgm-exporter etc/default-counters.csv",
    "vllm-project/vllm docs/configuration/conserving_memory.md, gpu_memory_utilization",
    "kserve/kserve pkg/controller/v1beta1/inferenceservice/reconcilers/hpa/hpa_reconciler.go, getHPAMetrics",
    "kubernetes/kubernetes pkg/apis/autoscaling/v2/defaults.go, SetDefaults_HorizontalPodAutoscaler",
  ],
  fix: "Scale by the requests in vLLM, `vllm:num_requests_running` and `vllm:num_requests_waiting`.",
  bad: scaledObjectExample({
    trigger: "name: gpu\nmetricType: Value",
    metadata:
      'query: avg(DCGM_FI_DEV_GPU_UTIL{exported_namespace="models"})\nthreshold: "80"\nignoreNullValues: "false"',
  }),
  good: scaledObjectExample(),
  *check(object: LintedObject, context: LintContext): Generator<Report> {
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
    const alone = scalesByContainersAlone(object);
    if (alone === undefined || !isVllmOnGpu(object, context)) return;
    yield {
      at: alone.at,
      message: `Only ${alone.what} is measured, which vLLM on a GPU uses alike whatever the load.`,
      fix: "Scale by running and waiting requests.",
    };
  },
};

export const loadSignalRules: readonly Rule[] = [waitingAlone, waitAlone, notALoadSignal];
