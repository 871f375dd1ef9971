/** One series of vLLM, at a fixed value or growing at a fixed rate. */
export interface FixedSeries {
  metric: string;
  /** PromQL. */
  value: string;
  labels: Record<string, string>;
}

function series(metric: string, value: string, labels: Record<string, string> = {}): FixedSeries {
  return { metric: `vllm:${metric}`, value, labels: { pod: "llama-0", ...labels } };
}

/** Requests of one pod. */
export function requests({ running = 0, waiting = 0, pod = "llama-0" }): FixedSeries[] {
  return [
    series("num_requests_running", `vector(${running})`, { pod }),
    series("num_requests_waiting", `vector(${waiting})`, { pod }),
  ];
}

export function cacheUsage(share: number): FixedSeries[] {
  return [series("kv_cache_usage_perc", `vector(${share})`)];
}

const latency = "inter_token_latency_seconds";

/** Latencies between tokens whose median is as given: half of them are below, at 10 tokens a second. */
export function medianLatency(milliseconds: number): FixedSeries[] {
  return buckets(latency, milliseconds, "vector(5 * time())", "vector(10 * time())");
}

/** The same of pods that have served, and serve nobody now. */
export function idleLatency(): FixedSeries[] {
  return [...buckets(latency, 68, "vector(500)", "vector(1000)"), ...requests({})];
}

/** Times to first token whose ninth decile is as given: all are below, at one request a second. */
export function firstToken(milliseconds: number): FixedSeries[] {
  return buckets("time_to_first_token_seconds", milliseconds / 0.9, "vector(time())", "vector(time())");
}

/** A histogram of three buckets. Quantiles are linear within each. */
function buckets(metric: string, milliseconds: number, below: string, all: string): FixedSeries[] {
  const bucket = (le: string, value: string) => series(`${metric}_bucket`, value, { le });
  return [bucket("0", "vector(0)"), bucket(`${milliseconds / 1000}`, below), bucket("+Inf", all)];
}

/** A PrometheusRule that records these series as vLLM's of a model in a namespace. */
export function recordingRule(namespace: string, recorded: readonly FixedSeries[]) {
  return {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "PrometheusRule",
    metadata: { name: "fixed", namespace },
    spec: {
      groups: [
        {
          name: namespace,
          interval: "1s",
          rules: recorded.map(({ metric, value, labels }) => ({
            record: metric,
            expr: value,
            labels: { namespace, model_name: "llama", ...labels },
          })),
        },
      ],
    },
  };
}
