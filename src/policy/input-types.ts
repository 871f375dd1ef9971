import { z } from "zod";
import type { Problem } from "./policy-input";
import { LatencyKind } from "./slo";
import { pathWithin } from "./text";

/** What a field must be, for callers without a type checker. Bounds are checked where the values are used; so is a capacity profile. */
const text = z.string("a string");
const number = z.custom<number>((value) => typeof value === "number", "a number");
const textMap = z.record(z.string(), text, "a mapping of strings");
const mapping = <Shape extends z.core.$ZodLooseShape>(shape: Shape) => z.looseObject(shape, "a mapping");

const maybeNumber = number.optional();
const maybeText = text.optional();
const ofEachLatency = <Field extends z.ZodType>(field: Field) =>
  mapping(Object.fromEntries(Object.values(LatencyKind).map((kind) => [kind, field.optional()])));

const triggerTypes = mapping({ type: text, name: maybeText, metadata: textMap });

const inputTypes = mapping({
  name: text,
  namespace: text,
  labels: textMap.optional(),
  scaleTargetRef: mapping({ name: text, apiVersion: maybeText, kind: maybeText }),
  metrics: mapping({
    namespace: text,
    modelName: maybeText,
    labels: textMap.optional(),
    podRegex: maybeText,
    metricPrefix: maybeText,
    bucketEdgesSeconds: ofEachLatency(z.array(number, "a list of numbers")).optional(),
  }),
  slo: ofEachLatency(mapping({ atMostMs: number, quantile: maybeNumber, goodRatio: maybeNumber })),
  replicas: mapping({ min: number, max: number }),
  zero: mapping({
    wake: triggerTypes.optional(),
    cooldownSeconds: maybeNumber,
    acceptColdStart: z.boolean("true or false").optional(),
  }).optional(),
  capacity: mapping({
    profile: mapping({}).optional(),
    tokens: mapping({ promptTokens: number, outputTokens: number }).optional(),
    concurrencyPerReplica: maybeNumber,
    maxSequences: maybeNumber,
    headroom: maybeText,
    gpusPerReplica: maybeNumber,
    gpuBudget: maybeNumber,
  }),
  load: mapping({
    requestsPerSecond: number,
    secondsPerRequest: maybeNumber,
    burst: mapping({ requestsPerSecond: number, withinSeconds: number }).optional(),
  }).optional(),
  timing: mapping({ startupSeconds: number, longestGenerationSeconds: number, scrapeIntervalSeconds: number }),
  prometheus: mapping({
    url: text,
    tenancyNamespace: maybeText,
    authMode: maybeText,
    authenticationName: maybeText,
  }),
  versions: mapping({ vllm: text, keda: text, kubernetes: text }),
  trend: mapping({ horizonSeconds: maybeNumber }).optional(),
  extraTriggers: z.array(triggerTypes, "a list").optional(),
});

/** Fields of another type than theirs, which nothing can be computed from. Values are not repeated: any of them may be a secret. */
export function typeProblems(input: unknown): Problem[] {
  const issues = inputTypes.safeParse(input, { reportInput: true }).error?.issues ?? [];
  return issues.map(({ path, message, input: value }) => ({
    path: pathWithin(path),
    message:
      value === undefined ? `Missing: it must be ${message}.` : `This is ${typeOf(value)}: it must be ${message}.`,
  }));
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "a mapping" : `a ${typeof value}`;
}
