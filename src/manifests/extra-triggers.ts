import type { Problem } from "../policy/policy-input";
import { extentOf } from "../policy/query-signal/classify";
import { retiredMetric } from "../policy/query-signal/missing-metrics";
import { MetricType, type ScaleTrigger } from "../policy/scaled-object";
import { formatVersion, parseVersion } from "../policy/version";
import { versions } from "../versions";
import type { ExtraTrigger } from "./slo-autoscaler-options";

/** A trigger of one's own as KEDA takes it. */
export function scaleTrigger(trigger: ExtraTrigger): ScaleTrigger {
  const metricType = Object.values(MetricType).find((known) => known === trigger.metricType);
  return {
    type: trigger.type,
    metadata: trigger.metadata,
    ...(trigger.name === undefined ? {} : { name: trigger.name }),
    ...(metricType === undefined ? {} : { metricType }),
    ...(trigger.authenticationName === undefined ? {} : { authenticationRef: { name: trigger.authenticationName } }),
  };
}

/** Whether a query has the same value however many replicas there are: a latency, a share, or a mean over them. */
export function isMeanOrQuantile(query: string): boolean {
  return extentOf(query) === "intensive";
}

/** What is wrong with triggers of one's own. `vllmVersion` is that of the pods. */
export function extraTriggerProblems(
  triggers: readonly ExtraTrigger[] = [],
  vllmVersion: string | undefined,
): Problem[] {
  return triggers.flatMap((trigger, index) => {
    const path = `extraTriggers[${index}]`;
    return [...metricTypeProblems(path, trigger), ...queryProblems(path, trigger, vllmVersion ?? versions.vllm)];
  });
}

function metricTypeProblems(path: string, { metricType, metadata }: ExtraTrigger): Problem[] {
  const known: readonly string[] = Object.values(MetricType);
  return [
    ...(metricType === undefined || known.includes(metricType)
      ? []
      : [{ path: `${path}.metricType`, message: `is "${metricType}"; KEDA knows ${known.join(", ")}.` }]),
    ...(metadata.metricType === undefined
      ? []
      : [{ path: `${path}.metadata.metricType`, message: "is not read there by KEDA. Write it beside metadata." }]),
  ];
}

function queryProblems(path: string, { type, metricType, metadata }: ExtraTrigger, vllmVersion: string): Problem[] {
  const { query } = metadata;
  const vllm = parseVersion(vllmVersion);
  if (type !== "prometheus" || query === undefined || vllm === undefined) {
    return [];
  }
  const retired = retiredMetric(query, vllm);
  return [
    ...(retired === undefined
      ? []
      : [
          {
            path: `${path}.metadata.query`,
            message: `asks for ${retired.name}, which vLLM ${formatVersion(vllm)} does not show: KEDA would read 0. Take ${retired.instead}.`,
          },
        ]),
    ...(isMeanOrQuantile(query) && metricType !== MetricType.Value
      ? [
          {
            path: `${path}.metricType`,
            message: `is ${metricType ?? "KEDA's default, AverageValue"}, but the query is a latency or an average: divided by the replicas it would ask for the same few at any size. Write ${MetricType.Value}, or ask for a sum.`,
          },
        ]
      : []),
  ];
}
