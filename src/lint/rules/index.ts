import type { Rule } from "../rule";
import { boundsRules } from "./bounds";
import { httpAddOnRules } from "./http-add-on";
import { inferenceServiceRules } from "./inference-service";
import { knativeRules } from "./knative";
import { kserveScalingRules } from "./kserve-scaling";
import { llmInferenceServiceRules } from "./llm-inference-service";
import { loadSignalRules } from "./load-signal";
import { metricTypeRules } from "./metric-type";
import { metricsRightsRules } from "./metrics-rights";
import { monitoringRules } from "./monitoring";
import { outageRules } from "./outage";
import { prometheusAccessRules } from "./prometheus-access";
import { queryRules } from "./query";
import { rateWindowRules } from "./rate-window";
import { scaledObjectRules } from "./scaled-object";
import { targetRules } from "./target";
import { triggerRules } from "./trigger";
import { volumeRules } from "./volume";
import { workloadRules } from "./workload";

/** All rules, in the order of their families. */
export const rules: readonly Rule[] = [
  ...metricTypeRules,
  ...queryRules,
  ...rateWindowRules,
  ...triggerRules,
  ...outageRules,
  ...boundsRules,
  ...scaledObjectRules,
  ...loadSignalRules,
  ...prometheusAccessRules,
  ...metricsRightsRules,
  ...targetRules,
  ...kserveScalingRules,
  ...inferenceServiceRules,
  ...llmInferenceServiceRules,
  ...knativeRules,
  ...httpAddOnRules,
  ...monitoringRules,
  ...workloadRules,
  ...volumeRules,
];
