import { knativeDefaults } from "../../policy/knative-defaults";
import { figure } from "../../policy/text";
import { type Report, Severity } from "../finding";
import { modeOf } from "../kserve";
import { startupOf } from "../related";
import type { LintContext, Rule } from "../rule";
import type { Field } from "../source/field";
import type { LintedObject } from "../source/linted-object";

const kinds = ["InferenceService"];
const prefix = "autoscaling.knative.dev/";
const config = "knative/serving config/core/configmaps/autoscaler.yaml";
const targetSource = "knative/serving pkg/reconciler/autoscaling/resources/target.go";

function example(predictor: string, metadata = ""): string {
  return `apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: llama
  namespace: models
  annotations:
    serving.kserve.io/deploymentMode: Knative
${metadata}spec:
  predictor:
${predictor.replace(/^/gm, "    ")}
    model:
      modelFormat:
        name: vLLM
      runtime: llama
`;
}

const right = "minReplicas: 1\nmaxReplicas: 3\nscaleMetric: concurrency\nscaleTarget: 10\ncontainerConcurrency: 10";

/** Without an annotation KServe's default holds, which the object does not tell. */
function isKnative(object: LintedObject): boolean {
  return modeOf(object) === "Knative";
}

function predictorOf(object: LintedObject): Field {
  return object.get("spec", "predictor");
}

/** An annotation of the revision: of the predictor, or else of the object, as KServe puts them together. */
function annotation(object: LintedObject, key: string): Field {
  const ofPredictor = predictorOf(object).get("annotations", `${prefix}${key}`);
  const ofObject = object.annotation(`${prefix}${key}`);
  return ofPredictor.exists || !ofObject.exists ? ofPredictor : ofObject;
}

/** All of them, by their names without the prefix. */
function annotationsOf(object: LintedObject): [name: string, field: Field][] {
  const places = [predictorOf(object).get("annotations"), object.get("metadata", "annotations")];
  const names = places.flatMap((place) => place.keys()).filter((key) => key.startsWith(prefix));
  return [...new Set(names)].map((key) => {
    const name = key.slice(prefix.length);
    return [name, annotation(object, name)];
  });
}

function targetOf(object: LintedObject): Field {
  const target = predictorOf(object).get("scaleTarget");
  return target.exists ? target : annotation(object, "target");
}

function isConcurrency(object: LintedObject): boolean {
  const metric = predictorOf(object).get("scaleMetric").text ?? annotation(object, "metric").text ?? "concurrency";
  const autoscaler = annotation(object, "class").text ?? "kpa.autoscaling.knative.dev";
  return metric === "concurrency" && autoscaler.startsWith("kpa");
}

const noTarget: Rule = {
  id: "knative-default-target",
  title: "Knative scales at 70 requests for each replica",
  severity: Severity.Error,
  kinds,
  happens: "A GPU that carries 7 requests within its objective gets 70 before a second replica is asked for.",
  why: "Knative's default target is 100 requests in flight, and it adds replicas at 70 % of the target.",
  sources: [config, targetSource],
  fix: "Write `scaleTarget` with what one replica carries within the objective, divided by 0.7.",
  bad: example("minReplicas: 1\nmaxReplicas: 3"),
  good: example(right),
  *check(object: LintedObject): Generator<Report> {
    if (!isKnative(object) || !isConcurrency(object) || targetOf(object).exists) return;
    const limit = predictorOf(object).get("containerConcurrency").number;
    if (limit !== undefined && limit > 0) return;
    yield {
      at: predictorOf(object).get("scaleTarget"),
      message: `There is no target, so Knative's ${knativeDefaults.target} holds: a replica gets ${(knativeDefaults.target * knativeDefaults.utilizationPercent) / 100} requests at once before a second one is asked for.`,
      fix: "Write scaleTarget and containerConcurrency with what one replica carries.",
    };
  },
};

const effectiveTarget: Rule = {
  id: "knative-effective-target",
  title: "Knative scales at 70 % of the target",
  severity: Severity.Info,
  kinds,
  happens:
    "A target of 10 adds a replica at 7 requests in flight. It counts requests that run and that wait, not the queue.",
  why: "`target-utilization-percentage` is 70 unless it is written.",
  sources: [targetSource],
  fix: 'Divide what a replica carries by 0.7, or write `target-utilization-percentage: "100"` to mean the number as it stands.',
  bad: example(
    right
      .replace("scaleTarget: 10\n", "scaleTarget: 2\n")
      .replace("containerConcurrency: 10", "containerConcurrency: 2"),
  ),
  good: example(`${right}\nannotations:\n  ${prefix}target-utilization-percentage: "80"`),
  *check(object: LintedObject): Generator<Report> {
    const target = targetOf(object);
    const value = Number(target.scalarText);
    if (!isKnative(object) || !isConcurrency(object) || !target.exists || !(value > 0) || value >= 10) return;
    if (annotation(object, "target-utilization-percentage").exists) return;
    const effective = Math.max(0.01, (value * knativeDefaults.utilizationPercent) / 100);
    yield {
      at: target,
      message: `A replica is added above ${figure(effective, 2)} requests in flight (${knativeDefaults.utilizationPercent} % of ${figure(value, 2)}), so a replica with ${Math.floor(effective) + 1} is one too few.`,
      fix: `Write scaleTarget ${Math.ceil(value / 0.7)}, or target-utilization-percentage: "100".`,
    };
  },
};

const noLimit: Rule = {
  id: "knative-no-concurrency-limit",
  title: "Nothing limits the requests of one replica",
  severity: Severity.Warning,
  kinds,
  happens:
    "While a new replica starts, all requests go to those that are there: every one of them gets slower than the objective.",
  why: "The target is soft: it only decides when to add replicas. `containerConcurrency` is what a replica gets at most; 0, the default, means no limit.",
  sources: ["knative/serving docs, containerConcurrency", targetSource],
  fix: "Write `containerConcurrency` with what a replica carries within the objective: the rest waits in front of it.",
  bad: example(right.replace("\ncontainerConcurrency: 10", "")),
  good: example(right),
  *check(object: LintedObject): Generator<Report> {
    const field = predictorOf(object).get("containerConcurrency");
    if (!isKnative(object) || !isConcurrency(object) || !targetOf(object).exists) return;
    if (field.number !== undefined && field.number > 0) return;
    // Whoever says at which share of the target replicas come has decided what more than the target may mean.
    if (annotation(object, "target-utilization-percentage").exists) return;
    yield {
      at: field,
      message: `containerConcurrency is ${field.scalarText ?? "not written"}, no limit: while replicas start, one gets every request.`,
      fix: `Write containerConcurrency: ${targetOf(object).scalarText ?? "<requests>"}.`,
    };
  },
};

const requestTimeout: Rule = {
  id: "knative-timeout-cuts-requests",
  title: "A cold start and a long answer do not fit into five minutes",
  severity: Severity.Warning,
  kinds,
  happens: "Knative cuts a request after 300 s, in the middle of a stream, cold start included.",
  why: "The revision's timeout covers the whole request. 300 s is the default, and 600 s the most unless `max-revision-timeout-seconds` is raised.",
  sources: ["knative/serving config/core/configmaps/defaults.yaml"],
  fix: "Write `timeout` with start and longest generation together, and raise the timeouts of the Route or Ingress before it too.",
  bad: example(right.replace("minReplicas: 1", "minReplicas: 0")),
  good: example(`${right.replace("minReplicas: 1", "minReplicas: 0")}\ntimeout: 600`),
  *check(object: LintedObject, context: LintContext): Generator<Report> {
    const startup = startupOf(object, context);
    const field = predictorOf(object).get("timeout");
    if (!isKnative(object) || predictorOf(object).get("minReplicas").number !== 0) return;
    if (field.exists && (field.number ?? 0) > knativeDefaults.timeoutSeconds) return;
    yield {
      at: field,
      isAssumed: startup.isAssumed,
      message: `A request that meets no replica has ${(field.number ?? knativeDefaults.timeoutSeconds) - startup.seconds} s left for its answer: ${field.number ?? knativeDefaults.timeoutSeconds} s less the start of ${startup.text}.`,
      fix: "Write timeout: 600, or more with a higher max-revision-timeout-seconds.",
    };
  },
};

const writtenByKServe: Record<string, string> = {
  "min-scale": "minReplicas",
  "max-scale": "maxReplicas",
  minScale: "minReplicas",
  maxScale: "maxReplicas",
};

const misplaced: Rule = {
  id: "knative-annotation-misplaced",
  title: "Knative does not read the annotation there",
  severity: Severity.Error,
  kinds: ["InferenceService", "Deployment", "Service"],
  happens: "The annotation does nothing, and Knative's defaults hold; or Knative refuses the object.",
  why: "Knative reads the annotations of the revision. KServe copies those of the InferenceService and of `spec.predictor.annotations` there, all but the bounds, which it writes from `minReplicas` and `maxReplicas`. A Knative Service has them in `spec.template.metadata.annotations`, and is refused with them elsewhere. A plain Deployment has no Knative at all.",
  sources: [
    "kserve/kserve pkg/controller/v1beta1/inferenceservice/components/predictor.go, buildObjectMeta",
    "kserve/kserve pkg/constants/constants.go, ServiceAnnotationDisallowedList",
    "knative/serving pkg/apis/serving/metadata_validation.go, ValidateHasNoAutoscalingAnnotation",
  ],
  fix: "Write `minReplicas` and `maxReplicas`; move the annotations of a Knative Service into its template.",
  bad: example(right, `    ${prefix}max-scale: "3"\n`),
  good: example(right, `    ${prefix}scale-down-delay: 15m\n`),
  *check(object: LintedObject): Generator<Report> {
    if (object.kind === "Service" && object.group !== "serving.knative.dev") return;
    for (const [key, field] of object.get("metadata", "annotations").entries()) {
      if (!key.startsWith(prefix)) continue;
      const instead = writtenByKServe[key.slice(prefix.length)];
      if (object.kind === "InferenceService" && instead === undefined) continue;
      yield { at: field, ...misplacedIn(object, key, instead) };
    }
  },
};

function misplacedIn({ kind, title }: LintedObject, key: string, instead = ""): Pick<Report, "message" | "fix"> {
  const where = `${key} in metadata.annotations of ${title}`;
  if (kind === "Deployment")
    return { message: `${where} is not read: a Deployment is not Knative's.`, fix: "Remove it." };
  return kind === "Service"
    ? { message: `Knative refuses ${where}.`, fix: "Move it to spec.template.metadata.annotations." }
    : { message: `${where} is not read: KServe writes the bounds itself.`, fix: `Write ${instead} in spec.predictor.` };
}

const refusedByKServe: Rule = {
  id: "knative-scale-annotations",
  title: "KServe refuses this annotation",
  severity: Severity.Error,
  kinds,
  happens: "The API server refuses the object.",
  why: "KServe writes the bounds itself, from `minReplicas` and `maxReplicas`.",
  sources: ["kserve/kserve pkg/apis/serving/v1beta1/inference_service_validation.go"],
  fix: "Use `minReplicas` and `maxReplicas`.",
  bad: example(`${right}\nannotations:\n  ${prefix}min-scale: "1"`),
  good: example(right),
  *check(object: LintedObject): Generator<Report> {
    for (const [key, field] of predictorOf(object).get("annotations").entries()) {
      const instead = key.startsWith(prefix) ? writtenByKServe[key.slice(prefix.length)] : undefined;
      if (instead)
        yield { at: field, message: `KServe refuses ${key}.`, fix: `Write ${instead}: ${field.scalarText ?? ""}.` };
    }
  },
};

interface Bound {
  read: (text: string) => number | undefined;
  min: number;
  max: number;
  wanted: string;
}

const seconds: (text: string) => number | undefined = (text) => {
  const match = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?$/.exec(text);
  if (match === null || text === "") return undefined;
  return Number(match[1] ?? 0) * 3600 + Number(match[2] ?? 0) * 60 + Number(match[3] ?? 0);
};
const number = (text: string): number | undefined =>
  text.trim() === "" || Number.isNaN(Number(text)) ? undefined : Number(text);

/** Source: knative/serving pkg/apis/autoscaling/annotation_validation.go */
const bounds: Record<string, Bound> = {
  window: { read: seconds, min: 6, max: 3600, wanted: "a duration of 6s to 1h" },
  "scale-down-delay": { read: seconds, min: 0, max: 3600, wanted: "a duration of 0s to 1h" },
  "scale-to-zero-pod-retention-period": { read: seconds, min: 0, max: Number.POSITIVE_INFINITY, wanted: "a duration" },
  target: { read: number, min: 0.01, max: Number.POSITIVE_INFINITY, wanted: "a number of at least 0.01" },
  "target-utilization-percentage": { read: number, min: 1, max: 100, wanted: "a number of 1 to 100" },
  "panic-window-percentage": { read: number, min: 1, max: 100, wanted: "a number of 1 to 100" },
  "panic-threshold-percentage": { read: number, min: 110, max: 1000, wanted: "a number of 110 to 1000" },
  "target-burst-capacity": { read: number, min: -1, max: Number.POSITIVE_INFINITY, wanted: "a number of at least -1" },
  "activation-scale": { read: number, min: 1, max: Number.POSITIVE_INFINITY, wanted: "a whole number of at least 1" },
};

const outOfBounds: Rule = {
  id: "knative-annotation-value",
  title: "Knative refuses the value",
  severity: Severity.Error,
  kinds,
  happens: "Knative refuses the revision: the InferenceService never becomes Ready.",
  why: "Knative checks the values of its annotations, which are strings for the API server.",
  sources: ["knative/serving pkg/apis/autoscaling/annotation_validation.go"],
  fix: "Write a value within the bounds.",
  bad: example(`${right}\nannotations:\n  ${prefix}window: 2h`),
  good: example(`${right}\nannotations:\n  ${prefix}window: 1h`),
  *check(object: LintedObject): Generator<Report> {
    for (const [name, field] of annotationsOf(object)) {
      const bound = bounds[name];
      if (bound === undefined) continue;
      const value = bound.read(field.scalarText ?? "");
      if (field.text !== undefined && value !== undefined && value >= bound.min && value <= bound.max) continue;
      yield {
        at: field,
        message: `${prefix}${name} is ${JSON.stringify(field.value)}, and must be ${bound.wanted}, in quotes.`,
        fix: `Write ${bound.wanted}.`,
      };
    }
  },
};

const retention: Rule = {
  id: "knative-retention-is-not-idle-time",
  title: "The retention period begins when the decision has been taken",
  severity: Severity.Info,
  kinds,
  happens: "The last replica stays longer than the period: after the last request the window has to empty first.",
  why: "Knative decides to go to zero after a stable window (60 s) without requests. Then the last replica stays for the grace period (30 s) or the retention period, whichever is longer.",
  sources: ["knative/serving pkg/reconciler/autoscaling/kpa/scaler.go", config],
  fix: "Subtract the window from the idle time that you want.",
  bad: example(
    `${right.replace("minReplicas: 1", "minReplicas: 0")}\ntimeout: 600\nannotations:\n  ${prefix}scale-to-zero-pod-retention-period: 1m`,
  ),
  good: example(`${right.replace("minReplicas: 1", "minReplicas: 0")}\ntimeout: 600`),
  *check(object: LintedObject): Generator<Report> {
    const field = annotation(object, "scale-to-zero-pod-retention-period");
    const period = seconds(field.scalarText ?? "");
    if (!isKnative(object) || period === undefined) return;
    // Whoever writes all three has added them up.
    if (["window", "scale-down-delay"].every((name) => annotation(object, name).exists)) return;
    const window = seconds(annotation(object, "window").scalarText ?? "") ?? knativeDefaults.windowSeconds;
    const delay = seconds(annotation(object, "scale-down-delay").scalarText ?? "") ?? 0;
    const last = Math.max(knativeDefaults.graceSeconds, period);
    yield {
      at: field,
      message: `The last replica goes about ${window + delay + last} s after the last request: ${window} s of window, ${delay} s of scale-down delay, then ${last} s.`,
      fix: `For an idle time of ${period} s write ${Math.max(0, period - window - delay)}s.`,
    };
  },
};

export const knativeRules: readonly Rule[] = [
  noTarget,
  effectiveTarget,
  noLimit,
  requestTimeout,
  misplaced,
  refusedByKServe,
  outOfBounds,
  retention,
];
