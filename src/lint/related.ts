import { annotations } from "../manifests/annotations";
import type { LintContext } from "./rule";
import type { Field } from "./source/field";
import type { LintedObject } from "./source/linted-object";

/** How long it takes from the decision to add a replica until it answers. */
export interface Startup {
  seconds: number;
  /** Nobody said so: neither an object nor the caller. */
  isAssumed: boolean;
  /** `120 s`, and where that comes from if nobody said so. */
  text: string;
}

/** What the workload's annotations say, which this package writes, or what the caller said, or what is usual. */
export function startupOf(object: LintedObject, context: LintContext): Startup {
  const declared = describedWorkloads(object, context).flatMap((around) => {
    const parts = [annotations.imagePullSeconds, annotations.loadSeconds, annotations.compileSeconds].map((key) =>
      Number(around.get(key).scalarText ?? Number.NaN),
    );
    const sum = parts.reduce((total, seconds) => total + seconds, 0);
    return Number.isNaN(sum) ? [] : [sum];
  });
  const seconds = declared[0] ?? context.startupSeconds;
  const isAssumed = declared[0] === undefined && context.isStartupAssumed;
  return { seconds, isAssumed, text: isAssumed ? `${seconds} s (assumed, see --startup)` : `${seconds} s` };
}

/** Annotations of the objects that say how a workload starts: its own, its target's, and those of the runtime of that. */
function describedWorkloads(object: LintedObject, { objects }: LintContext): Field[] {
  const target = object.get("spec", "scaleTargetRef", "name").text ?? object.name;
  const service = objects.findNear(object, "InferenceService", target.replace(/-predictor$/, ""));
  const runtime = service?.get("spec", "predictor", "model", "runtime").text;
  const workloads = [
    object,
    objects.findNear(object, "Deployment", target),
    runtime === undefined ? undefined : objects.findNear(object, "ServingRuntime", runtime),
  ];
  return workloads.flatMap((found) =>
    found === undefined ? [] : [found.get("metadata", "annotations"), found.get("spec", "annotations")],
  );
}

const intervals = /^(?:(\d+)m)?(?:(\d+)s)?$/;

/** Seconds between two scrapes: the shortest of the monitors in the namespace, or what the caller said. */
export function scrapeIntervalOf(object: LintedObject, { objects, scrapeIntervalSeconds }: LintContext): number {
  const endpoints = ["PodMonitor", "ServiceMonitor"]
    .flatMap((kind) => objects.near(object, kind))
    .flatMap((monitor) => [
      ...monitor.get("spec", "podMetricsEndpoints").items(),
      ...monitor.get("spec", "endpoints").items(),
    ]);
  const known = endpoints.flatMap((endpoint) => {
    const match = intervals.exec(endpoint.get("interval").text ?? "");
    const seconds = Number(match?.[1] ?? 0) * 60 + Number(match?.[2] ?? 0);
    return seconds > 0 ? [seconds] : [];
  });
  return known.length === 0 ? scrapeIntervalSeconds : Math.min(...known);
}
