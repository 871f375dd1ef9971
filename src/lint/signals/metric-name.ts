import type { Classification } from "../../policy/query-signal/classify";
import { share, zeroOrMore } from "../../policy/query-signal/interval";
import { type VllmMetric, vllmMetrics } from "../../policy/vllm-metric-catalogue";

/** Adapters of metrics write vLLM's colon as they like. */
const prefix = /^(kserve_)?vllm[:_]/;
/** Google Cloud's adapter puts its Prometheus before and the type behind. */
const ofGoogle = /^prometheus\.googleapis\.com\|(.+)\|\w+$/;

/** The series that a name of an adapter is most likely about: `vllm:num_requests_waiting` for `vllm_num_requests_waiting`. */
export function seriesOf(name: string): string {
  return name.replace(ofGoogle, "$1").replace(prefix, (_, kserve: string = "") => `${kserve}vllm:`);
}

/** One number for each replica, as opposed to one for all. */
const perReplica = /^(avg|average|mean|median|max|min|quantile|p\d{2,3})$/;
const overReplicas = /^(sum|total)$/;
const abbreviations = new Set(["ttft", "tpot", "itl", "latency"]);
const beside = new Set(["e2e", "request", "seconds", "milliseconds", "ms", "s"]);

/**
 * How a metric behaves that is known by the name which an adapter gives it; `undefined` where the name does not tell. Behind the
 * same name there may be any query: a count of requests is taken for a sum over replicas, and a share for one that is at most 1.
 */
export function classifyName(name: string, target = 0): Classification | undefined {
  const text = name.toLowerCase().replaceAll(":", "_");
  const metric = longestIn(text);
  const words = text.replace(metric?.name ?? "", "").split("_");
  const others = words.filter((word) => !["", "kserve", "vllm"].includes(word));
  const only = (wanted: RegExp) => others.every((word) => wanted.test(word));
  if (metric === undefined)
    return words.includes("vllm") && isLatency(others) ? intensive(latency, zeroOrMore) : undefined;
  if (metric.unit === "seconds") return only(perReplica) ? intensive(latency, zeroOrMore) : undefined;
  if (metric.unit === "share" && only(perReplica))
    return intensive("a share of what a replica has", target > 1 ? { min: 0, max: 100 } : share);
  if (metric.unit === "requests" && metric.type === "gauge" && only(overReplicas))
    return { ...single, extent: "extensive", because: "requests, which add up over replicas", range: zeroOrMore };
  return undefined;
}

const latency = "a latency";
const single = { single: true, canBeNaN: false };

function intensive(because: string, range: Classification["range"]): Classification {
  return { ...single, extent: "intensive", because, range };
}

/** The metric of vLLM that a name holds as whole words. */
function longestIn(name: string): VllmMetric | undefined {
  return vllmMetrics
    .filter((metric) => `_${name}_`.includes(`_${metric.name}_`))
    .sort((a, b) => b.name.length - a.name.length)[0];
}

function isLatency(words: readonly string[]): boolean {
  return (
    words.some((word) => abbreviations.has(word)) &&
    words.every((word) => abbreviations.has(word) || beside.has(word) || perReplica.test(word))
  );
}
