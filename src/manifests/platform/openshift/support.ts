import type { ServingPlatformOptions } from "../../platform-reference";
import type { ScalingSettings } from "../../scaling";
import { Distribution, defaultModes, isManaged, PieceMode } from "../piece";

/** How Red Hat stands behind a part that is used on OpenShift. */
export const SupportLevel = {
  /** Not for production, without service levels. */
  TechnologyPreview: "Technology Preview",
  Unsupported: "unsupported",
  /** Still supported, and removed from a later version. */
  Deprecated: "deprecated",
} as const;
export type SupportLevel = (typeof SupportLevel)[keyof typeof SupportLevel];

interface SupportFact {
  level: SupportLevel;
  /** What is used, as a heading. */
  part: string;
  /** Said where it is used. */
  message: string;
  /** Where upstream says so. */
  source: string;
}

/** What is not fully supported on OpenShift, and may be used all the same. The one place that says so. */
export const supportFacts = {
  httpAddOn: {
    level: SupportLevel.Unsupported,
    part: "`kedaHttpAddon`, `scaling.http`",
    message:
      "KEDA's HTTP add-on is a community project: Red Hat does not support it, nor its trigger external-push, beside the Custom Metrics Autoscaler.",
    source: "openshift/openshift-docs, modules `nodes-cma-*`: supported triggers",
  },
  otherTriggers: {
    level: SupportLevel.Unsupported,
    part: "`extraTriggers` of other types than prometheus, cpu, memory, kafka and cron",
    message: "Red Hat's Custom Metrics Autoscaler supports triggers of prometheus, cpu, memory, kafka and cron only.",
    source: "openshift/openshift-docs, modules `nodes-cma-*`: supported triggers",
  },
  kserveKeda: {
    level: SupportLevel.TechnologyPreview,
    part: "`scaling.kserveKeda`",
    message:
      "KServe's class keda is what OpenShift AI calls metrics-based autoscaling, a Technology Preview: not for production, and without Red Hat's service levels.",
    source: "ai-on-openshift.io, Dynamic LLM Autoscaling with KEDA and KServe",
  },
  serverless: {
    level: SupportLevel.Deprecated,
    part: "`kserve.serverless`, `scaling.knative`",
    message: "Serving through Knative ends with version 2 of OpenShift AI: version 3 has plain Deployments only.",
    source: "opendatahub-io/opendatahub-operator 3.0, `KserveCommonSpec`: no `serving`",
  },
  openDataHub: {
    level: SupportLevel.Unsupported,
    part: "`kserve.product: openDataHub`",
    message: "Open Data Hub is the community's product: Red Hat supports OpenShift AI only.",
    source: "opendatahub-io/opendatahub-operator, in the catalog `community-operators`",
  },
} as const satisfies Record<string, SupportFact>;
export type SupportedPart = keyof typeof supportFacts;

/** What is said of a part where it is used. */
export function supportMessage(part: SupportedPart): string {
  return supportFacts[part].message;
}

/** What is said of a platform. */
export function platformWarnings<S>({ distribution, kserve = {}, kedaHttpAddon = {} }: ServingPlatformOptions<S>) {
  if (distribution !== Distribution.OpenShift) return [];
  const held = kedaHttpAddon.mode ?? defaultModes.kedaHttpAddon;
  const parts: SupportedPart[] = [
    ...(held === PieceMode.None ? [] : ["httpAddOn" as const]),
    ...(isManaged(kserve.mode ?? defaultModes.kserve) ? openDataHubParts(kserve) : []),
  ];
  return parts.map(supportMessage);
}

interface Product {
  product?: string | undefined;
  serverless?: boolean | undefined;
}

/** Of an OpenShift AI or Open Data Hub that is installed or adopted. */
export function openDataHubParts({ product, serverless }: Product): SupportedPart[] {
  return [
    ...(product === "openDataHub" ? (["openDataHub"] as const) : []),
    ...(serverless === true ? (["serverless"] as const) : []),
  ];
}

const supportedTriggers: readonly string[] = ["prometheus", "cpu", "memory", "kafka", "cron"];

/** What is said of a model on a platform of this distribution. */
export function modelSupportWarnings(
  { scaling, extraTriggers = [] }: Pick<ScalingSettings, "scaling" | "extraTriggers">,
  distribution: string,
): string[] {
  if (distribution !== Distribution.OpenShift) return [];
  const parts: SupportedPart[] = [
    ...(scaling?.http === undefined ? [] : ["httpAddOn" as const]),
    ...(scaling?.kserveKeda === undefined ? [] : ["kserveKeda" as const]),
    ...(scaling?.knative === undefined ? [] : ["serverless" as const]),
    ...(extraTriggers.some(({ type }) => !supportedTriggers.includes(type)) ? ["otherTriggers" as const] : []),
  ];
  return parts.map(supportMessage);
}
