import type { PolicyConfigSchema } from "@pulumi/policy";
import {
  defaultScrapeIntervalSeconds,
  defaultStartupSeconds,
  type LintOptions,
  type LintSettings,
  lintedVersions,
  lintOptions,
  Severity,
} from "vllm-serving/lint";
import { z } from "zod";

/** What the policy `settings` can be told in the configuration of a policy pack. */
const settings = z.object({
  vllm: z.string().exactOptional(),
  keda: z.string().exactOptional(),
  kubernetes: z.string().exactOptional(),
  kserve: z.string().exactOptional(),
  scrapeIntervalSeconds: z.number().exactOptional(),
  startupSeconds: z.number().exactOptional(),
  minimumSeverity: z.enum(Severity).default(Severity.Info),
});

export const settingsSchema: PolicyConfigSchema = {
  properties: {
    vllm: release("vLLM that serves", lintedVersions.vllm),
    keda: release("KEDA, or that inside the Custom Metrics Autoscaler", lintedVersions.keda),
    kubernetes: release("Kubernetes", lintedVersions.kubernetes),
    kserve: release("KServe", lintedVersions.kserve),
    scrapeIntervalSeconds: seconds("between two scrapes, where no monitor says so", defaultScrapeIntervalSeconds),
    startupSeconds: seconds("until a new replica answers, where no object says so", defaultStartupSeconds),
    minimumSeverity: {
      description: "Findings of a lower severity are not reported: info unless it is written.",
      type: "string",
      enum: Object.values(Severity),
    },
  },
};

function release(of: string, example: string) {
  return {
    description: `Release of ${of}: ${example} unless it is written.`,
    type: "string" as const,
    pattern: "^v?\\d+\\.\\d+\\.\\d+",
  };
}

function seconds(what: string, otherwise: number) {
  return {
    description: `Seconds ${what}: ${otherwise} unless it is written.`,
    type: "number" as const,
    exclusiveMinimum: 0,
  };
}

export interface PackSettings {
  options: LintOptions;
  minimumSeverity: Severity;
}

/** What was configured for the pack, on top of what its author or its file says. */
export function packSettings(configured: object, given: LintSettings): PackSettings {
  const { minimumSeverity, scrapeIntervalSeconds, startupSeconds, ...versions } = settings.parse(configured);
  const options = lintOptions({
    ...given,
    versions: { ...given.versions, ...versions },
    ...(scrapeIntervalSeconds !== undefined && { scrapeIntervalSeconds }),
    ...(startupSeconds !== undefined && { startupSeconds }),
  });
  return { options, minimumSeverity };
}
