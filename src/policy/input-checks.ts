import { readRegularExpression } from "../promql";
import {
  type MetricSelector,
  type PolicyInput,
  type PolicyVersions,
  type Problem,
  PrometheusAuthMode,
  type PrometheusEndpoint,
  type Timing,
} from "./policy-input";
import type { ScaleTrigger } from "./scaled-object";
import { isWhole } from "./text";
import { formatVersion, isAtLeast, parseVersion, type Version } from "./version";
import { earliestVllm } from "./vllm-metrics";

/** KEDA puts `keda-hpa-` before it, and the name of an HPA is at most 63 characters. */
const longestName = 54;
const longestLabel = 63;
const longestSubdomain = 253;
/** First KEDA whose fallback can keep the replicas that run (`currentReplicasIfHigher`) instead of scaling in. */
const earliestKeda: Version = [2, 17, 0];
/**
 * First Kubernetes with the preStop action `sleep` switched on (`PodLifecycleSleepAction`): the replicas that a policy
 * removes drain with it. `autoscaling/v2`, which KEDA needs, is older.
 */
const earliestKubernetes: Version = [1, 30, 0];

/** A number of replicas has 32 bits in Kubernetes. */
const mostReplicas = 2 ** 31 - 1;

const dnsLabel = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;
const dnsSubdomain = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;
const metricPrefix = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const labelName = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
/** Labels with a meaning of their own in our queries, and the field that sets them. */
const reservedLabels: Record<string, string> = {
  namespace: "metrics.namespace",
  model_name: "metrics.modelName",
  pod: "metrics.podRegex",
  le: "the compiler",
};

export function checkNames(input: PolicyInput, problems: Problem[]): void {
  checkName("name", input.name, dnsLabel, longestName, problems);
  checkName("namespace", input.namespace, dnsLabel, longestLabel, problems);
  checkName("scaleTargetRef.name", input.scaleTargetRef.name, dnsSubdomain, longestSubdomain, problems);
}

export function checkMetrics(metrics: MetricSelector, problems: Problem[]): void {
  checkName("metrics.namespace", metrics.namespace, dnsLabel, longestLabel, problems);
  if (!namesWorkload(metrics)) {
    problems.push({
      path: "metrics",
      message: `Only the namespace is matched, so the series of every model in ${JSON.stringify(metrics.namespace)} would be added up. Give at least one of modelName, labels, podRegex.`,
    });
  }
  for (const field of ["modelName", "podRegex"] as const) {
    if (metrics[field] !== "") continue;
    problems.push({ path: `metrics.${field}`, message: "Empty: no series matches it. Give a value or leave it out." });
  }
  const pods = metrics.podRegex ? readRegularExpression(metrics.podRegex) : undefined;
  if (pods?.ok === false) {
    problems.push({
      path: "metrics.podRegex",
      message: `${JSON.stringify(metrics.podRegex)} is refused by Prometheus: ${pods.message}. Write a regular expression of RE2.`,
    });
  }
  if (metrics.metricPrefix !== undefined && !metricPrefix.test(metrics.metricPrefix)) {
    problems.push({
      path: "metrics.metricPrefix",
      message: `${JSON.stringify(metrics.metricPrefix)} cannot begin a metric name: only letters, digits, "_" and ":", not beginning with a digit. vLLM's own is "vllm:".`,
    });
  }
  for (const label of Object.keys(metrics.labels ?? {})) {
    const setBy = Object.hasOwn(reservedLabels, label) ? reservedLabels[label] : undefined;
    if (setBy !== undefined) {
      problems.push({ path: `metrics.labels.${label}`, message: `This label is set by ${setBy}: leave it out here.` });
    } else if (!labelName.test(label)) {
      problems.push({
        path: `metrics.labels.${label}`,
        message: `${JSON.stringify(label)} is not a Prometheus label name: letters, digits and "_", not beginning with a digit.`,
      });
    }
  }
}

/** Without one of these a query would sum over every model of the namespace. */
function namesWorkload({ modelName, podRegex, labels = {} }: MetricSelector): boolean {
  return modelName !== undefined || podRegex !== undefined || Object.keys(labels).length > 0;
}

export function checkReplicas(input: PolicyInput, problems: Problem[]): void {
  const { min, max } = input.replicas;
  const { gpusPerReplica = input.capacity.profile?.gpusPerReplica ?? 1, gpuBudget } = input.capacity;
  if (input.zero === undefined && !isWhole(min, 1)) {
    problems.push({
      path: "replicas.min",
      message: `${min} must be a whole number of at least 1: at zero replicas nothing exposes the metrics that would ask for the first one.`,
    });
  } else if (!isWhole(min, 0)) {
    problems.push({ path: "replicas.min", message: `${min} must be a whole number of at least 0.` });
  } else if (input.zero !== undefined && min > 0) {
    problems.push({
      path: "replicas.min",
      message: `${min} is never zero, so nothing would have to be woken: write 0.`,
    });
  }
  const cooldown = input.zero?.cooldownSeconds;
  if (cooldown !== undefined && !isWhole(cooldown, 1)) {
    problems.push({
      path: "zero.cooldownSeconds",
      message: `${cooldown} must be a whole number of at least 1: seconds without a request after which the last replica goes.`,
    });
  }
  if (!isWhole(max, 1)) {
    problems.push({ path: "replicas.max", message: `${max} must be a whole number of at least 1.` });
  } else if (max > mostReplicas) {
    problems.push({
      path: "replicas.max",
      message: `${max} is more than Kubernetes counts: it must be at most ${mostReplicas}.`,
    });
  } else if (max < min) {
    problems.push({
      path: "replicas.max",
      message: `${max} is below replicas.min, ${min}: it must be at least as large.`,
    });
  }
  if (!isWhole(gpusPerReplica, 0)) {
    problems.push({
      path: "capacity.gpusPerReplica",
      message: `${gpusPerReplica} must be a whole number of at least 0.`,
    });
  }
  if (gpuBudget !== undefined && !isWhole(gpuBudget, 1)) {
    problems.push({ path: "capacity.gpuBudget", message: `${gpuBudget} must be a whole number of at least 1.` });
  } else if (gpuBudget !== undefined && gpusPerReplica > gpuBudget) {
    problems.push({
      path: "capacity.gpuBudget",
      message: `${gpuBudget} does not reach for one replica, which alone needs ${gpusPerReplica} GPUs: it would stay pending. Raise it to at least that, or use fewer GPUs a replica.`,
    });
  } else if (gpuBudget !== undefined && max * gpusPerReplica > gpuBudget) {
    problems.push({
      path: "replicas.max",
      message: `${max} replicas of ${gpusPerReplica} ${gpusPerReplica === 1 ? "GPU" : "GPUs"} are ${max * gpusPerReplica} GPUs, above the budget of ${gpuBudget}: replicas beyond it would stay pending. Set it to at most ${Math.floor(gpuBudget / gpusPerReplica)} or raise capacity.gpuBudget.`,
    });
  }
}

export function checkTiming(timing: Timing, problems: Problem[]): void {
  const check = (field: keyof Timing, valid: boolean, bound: string) => {
    if (Number.isFinite(timing[field]) && valid) return;
    problems.push({ path: `timing.${field}`, message: `${timing[field]} must be a number of seconds ${bound}.` });
  };
  check("startupSeconds", timing.startupSeconds >= 0, "of at least 0");
  check("longestGenerationSeconds", timing.longestGenerationSeconds > 0, "above 0");
  check("scrapeIntervalSeconds", timing.scrapeIntervalSeconds > 0, "above 0");
}

export function checkPrometheus(prometheus: PrometheusEndpoint, metricsNamespace: string, problems: Problem[]): void {
  const { tenancyNamespace, authMode = PrometheusAuthMode.None, authenticationName } = prometheus;
  const urlProblem = problemWithUrl(prometheus.url);
  if (urlProblem !== undefined) problems.push({ path: "prometheus.url", message: urlProblem });
  if (tenancyNamespace !== undefined && tenancyNamespace !== metricsNamespace) {
    problems.push({
      path: "prometheus.tenancyNamespace",
      message: `${JSON.stringify(tenancyNamespace)} is not metrics.namespace, ${JSON.stringify(metricsNamespace)}: the proxy would let no series of that namespace through. Use the same.`,
    });
  }
  if (!Object.values(PrometheusAuthMode).includes(authMode)) {
    problems.push({
      path: "prometheus.authMode",
      message: `${JSON.stringify(authMode)} is no mode: it must be one of ${Object.values(PrometheusAuthMode).join(", ")}.`,
    });
  } else if (authMode !== PrometheusAuthMode.None && authenticationName === undefined) {
    problems.push({
      path: "prometheus.authenticationName",
      message: `Missing: authMode ${authMode} needs the name of the TriggerAuthentication that holds the credentials.`,
    });
  } else if (authMode === PrometheusAuthMode.None && authenticationName !== undefined) {
    problems.push({
      path: "prometheus.authenticationName",
      message: "KEDA uses it only with an authMode: set prometheus.authMode, or leave it out.",
    });
  }
  if (authenticationName !== undefined) {
    checkName("prometheus.authenticationName", authenticationName, dnsSubdomain, longestSubdomain, problems);
  }
}

/** Never repeats the URL: it may hold a password. */
function problemWithUrl(url: string): string | undefined {
  const expected =
    "Give the base URL, e.g. http://prometheus-operated.monitoring.svc.cluster.local:9090, with a path prefix if there is one.";
  if (!URL.canParse(url)) return `Not a URL. ${expected}`;
  const { protocol, username, password, search, hash } = new URL(url);
  if (protocol !== "http:" && protocol !== "https:") return `It must begin with http:// or https://. ${expected}`;
  if (username !== "" || password !== "") {
    return "It holds credentials, which anyone who may read the ScaledObject would see. Put them into a TriggerAuthentication (prometheus.authMode and authenticationName).";
  }
  if (search !== "" || hash !== "")
    return `KEDA appends /api/v1/query to it, so it cannot have a "?" or "#". ${expected}`;
  return undefined;
}

export interface ParsedVersions {
  vllm: Version;
  keda: Version;
}

/** Reads the versions; `undefined` after adding to `problems` what is wrong. Newer ones than we know are as the newest. */
export function checkVersions(versions: PolicyVersions, problems: Problem[]): ParsedVersions | undefined {
  const check = (field: keyof PolicyVersions, earliest: Version, why: string) => {
    const version = parseVersion(versions[field]);
    if (version === undefined) {
      problems.push({
        path: `versions.${field}`,
        message: `${JSON.stringify(versions[field])} is not a version: write major.minor.patch, e.g. ${formatVersion(earliest)}.`,
      });
    } else if (!isAtLeast(version, earliest)) {
      problems.push({
        path: `versions.${field}`,
        message: `${versions[field]} is too old: ${formatVersion(earliest)} is the first that works, because ${why}.`,
      });
    } else {
      return version;
    }
    return undefined;
  };
  const vllm = check("vllm", earliestVllm, "the metrics of older ones are not known");
  const keda = check("keda", earliestKeda, "the fallback of older ones scales in while the metrics are missing");
  check(
    "kubernetes",
    earliestKubernetes,
    "older ones refuse the preStop sleep that lets a removed replica finish its requests",
  );
  return vllm === undefined || keda === undefined ? undefined : { vllm, keda };
}

/** Trigger names must be unique in a ScaledObject: ours first, then the user's. */
export function checkTriggerNames(ours: readonly string[], extra: readonly ScaleTrigger[], problems: Problem[]): void {
  const takenBy = new Map(ours.map((name) => [name, "a trigger compiled from the SLO"]));
  for (const [i, { name }] of extra.entries()) {
    if (name === undefined) continue;
    const owner = takenBy.get(name);
    if (owner === undefined) {
      takenBy.set(name, `extraTriggers[${i}]`);
      continue;
    }
    problems.push({
      path: `extraTriggers[${i}].name`,
      message: `${JSON.stringify(name)} is already the name of ${owner}, and KEDA refuses two of the same name. Choose another one.`,
    });
  }
}

function checkName(path: string, name: string, form: RegExp, longest: number, problems: Problem[]): void {
  if (!form.test(name)) {
    problems.push({
      path,
      message: `${JSON.stringify(name)} is not a valid name: lower case letters, digits and dashes${form === dnsSubdomain ? " and dots" : ""}, beginning and ending with a letter or digit.`,
    });
  }
  if (name.length > longest) {
    const why = path === "name" ? " (KEDA puts keda-hpa- before it, and 63 is the limit for that)" : "";
    problems.push({
      path,
      message: `${JSON.stringify(name)} has ${name.length} characters; at most ${longest} are allowed${why}. Shorten it.`,
    });
  }
}
