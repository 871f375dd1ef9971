import { z } from "zod";
import type { PolicyInput, Problem } from "./policy-input";
import { LatencyKind } from "./slo";
import { problemsBeside } from "./stand-ins";
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
  trend: mapping({ function: maybeText, horizonSeconds: maybeNumber }).optional(),
  extraTriggers: z.array(triggerTypes, "a list").optional(),
});

/** Problems of the fields beside those of another type than theirs. `check` is only asked about inputs of the right types. */
export function problemsBesideTypes(input: unknown, check: (input: PolicyInput) => readonly Problem[]): Problem[] {
  return problemsBeside(inputTypes, input, [standIns(1), standIns(2)], (typed) =>
    isPolicyInput(typed) ? check(typed) : [],
  );
}

function isPolicyInput(input: unknown): input is PolicyInput {
  return inputTypes.safeParse(input).success;
}

/** A right value at each place, others for others. */
function standIns(times: 1 | 2) {
  const objective = { atMostMs: 1000 * times, quantile: 0.4 * times, goodRatio: 0.4 * times };
  return {
    name: "model",
    namespace: "models",
    scaleTargetRef: { name: "model" },
    metrics: { namespace: "models", modelName: "model" },
    slo: Object.fromEntries(Object.values(LatencyKind).map((kind) => [kind, objective])),
    replicas: { min: times, max: 1000 * times },
    capacity: {
      tokens: { promptTokens: 500 * times, outputTokens: 500 * times },
      concurrencyPerReplica: 500 * times,
      gpusPerReplica: times,
    },
    load: {
      requestsPerSecond: times,
      secondsPerRequest: times,
      burst: { requestsPerSecond: times, withinSeconds: times },
    },
    timing: { startupSeconds: 60 * times, longestGenerationSeconds: 60 * times, scrapeIntervalSeconds: 15 * times },
    prometheus: { url: "http://prometheus.invalid" },
    versions: { vllm: "0.30.0", keda: "2.20.2", kubernetes: "1.36.3" },
  };
}

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
