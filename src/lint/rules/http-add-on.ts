import { type Report, Severity } from "../finding";
import { startupOf } from "../related";
import type { LintContext, Rule } from "../rule";
import type { LintedObject } from "../source/linted-object";

const docs = "kedacore/http-add-on docs";

const interceptorRoute = `apiVersion: http.keda.sh/v1beta1
kind: InterceptorRoute
metadata:
  name: llama
  namespace: models
spec:
  target:
    service: llama-predictor
    port: 80
  rules:
    - hosts: [llama.example.com]
  scalingMetric:
    concurrency:
      targetValue: 5
  timeouts:
    readiness: 600s
    responseHeader: 600s
    request: 0s
`;

const httpScaledObject = `apiVersion: http.keda.sh/v1alpha1
kind: HTTPScaledObject
metadata:
  name: llama
  namespace: models
  annotations:
    httpscaledobject.keda.sh/skip-scaledobject-creation: "true"
spec:
  hosts: [llama.example.com]
  scaleTargetRef:
    kind: Deployment
    name: llama-predictor
    service: llama
    port: 8000
  replicas:
    min: 0
    max: 7
  timeouts:
    conditionWait: 600s
    responseHeader: 600s
`;

const deprecated: Rule = {
  id: "http-scaled-object-deprecated",
  title: "HTTPScaledObject is deprecated",
  severity: Severity.Warning,
  kinds: ["HTTPScaledObject"],
  happens:
    "It still works, and makes a ScaledObject of its own with a single trigger: none of vLLM's signals can be beside it.",
  why: "Since 0.14 the add-on has InterceptorRoute, which leaves the ScaledObject to you.",
  sources: [`${docs}/ref/v0.14.0`, "kedacore/http-add-on operator/apis/http/v1beta1/interceptorroute_types.go"],
  fix: "Write an InterceptorRoute, and an `external-push` trigger with `interceptorRoute: <name>` in your ScaledObject.",
  bad: httpScaledObject,
  good: interceptorRoute,
  *check(object: LintedObject): Generator<Report> {
    yield {
      at: object.get("kind"),
      message: `${object.title} is of a kind that is deprecated since the add-on's 0.14.`,
      fix: "Write an InterceptorRoute and a ScaledObject with an external-push trigger.",
    };
  },
};

const ownScaledObject: Rule = {
  id: "http-makes-a-second-scaled-object",
  title: "The add-on makes a second ScaledObject for the same workload",
  severity: Severity.Error,
  kinds: ["HTTPScaledObject"],
  happens: "KEDA's webhook refuses the second ScaledObject; or, where both have one name, each overwrites the other.",
  why: "An HTTPScaledObject makes a ScaledObject of its own name, unless an annotation says not to.",
  sources: ["kedacore/http-add-on operator/controllers/http/scaled_object.go"],
  fix: 'Annotate it with `httpscaledobject.keda.sh/skip-scaledobject-creation: "true"`, or use an InterceptorRoute.',
  bad: `${httpScaledObject.replace('\n  annotations:\n    httpscaledobject.keda.sh/skip-scaledobject-creation: "true"', "")}---
${prometheusScaledObject()}`,
  good: `${interceptorRoute}---
${prometheusScaledObject()}`,
  *check(object: LintedObject, { objects }: LintContext): Generator<Report> {
    if (object.annotation("httpscaledobject.keda.sh/skip-scaledobject-creation").text === "true") return;
    const target = object.get("spec", "scaleTargetRef", "name").text;
    const other = objects
      .besides(object, "ScaledObject")
      .find((found) => target !== undefined && found.get("spec", "scaleTargetRef", "name").text === target);
    if (other === undefined) return;
    yield {
      at: object.get("spec", "scaleTargetRef"),
      message: `It makes a ScaledObject for ${target}, and ${other.title} is one already.`,
      fix: 'Annotate it with httpscaledobject.keda.sh/skip-scaledobject-creation: "true".',
    };
  },
};

function prometheusScaledObject(): string {
  return `apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata:
  name: llama
  namespace: models
spec:
  scaleTargetRef:
    name: llama-predictor
  minReplicaCount: 0
  maxReplicaCount: 7
  cooldownPeriod: 600
  advanced:
    horizontalPodAutoscalerConfig:
      behavior:
        scaleDown:
          stabilizationWindowSeconds: 300
          policies:
            - type: Percent
              value: 25
              periodSeconds: 120
  triggers:
    - type: external-push
      name: http
      metadata:
        scalerAddress: keda-add-ons-http-external-scaler.keda:9090
        interceptorRoute: llama
`;
}

const shortWait: Rule = {
  id: "http-wait-shorter-than-start",
  modelsOnly: true,
  title: "The interceptor gives up before the model has started",
  severity: Severity.Error,
  kinds: ["HTTPScaledObject", "InterceptorRoute"],
  happens: "The request that wakes the model gets 502 or 504, every time: the client never sees the model start.",
  why: "The interceptor holds a request until a replica is ready, or until its wait is over: `readiness` (`conditionWait` of an HTTPScaledObject) and `request`, which goes on until the answer is complete. `responseHeader` only begins when a replica has got the request. Weights of 16 GB take a minute or more.",
  sources: [`${docs}/ref`, "kedacore/http-add-on interceptor/config/timeouts.go"],
  fix: "Write a wait above the slowest start, and let every client, Route and load balancer before it wait as long.",
  bad: interceptorRoute.replace("readiness: 600s", "readiness: 20s"),
  good: interceptorRoute,
  *check(object: LintedObject, context: LintContext): Generator<Report> {
    const startup = startupOf(object, context);
    const timeouts = object.get("spec", "timeouts");
    for (const key of ["conditionWait", "readiness", "request"]) {
      const field = timeouts.get(key);
      const seconds = goSeconds(field.scalarText ?? "");
      // 0 means no limit.
      if (seconds === undefined || seconds === 0 || seconds >= startup.seconds) continue;
      yield {
        at: field,
        isAssumed: startup.isAssumed,
        message: `${key === "request" ? `A request has ${seconds} s in all` : `The interceptor waits ${seconds} s`}, and a start takes ${startup.text}: whoever wakes the model gets an error.`,
        fix: `Write at least ${startup.seconds * 2}s${key === "request" ? " and the longest answer" : ""}, or say how long a start takes with --startup.`,
      };
    }
  },
};

/** A duration as Go writes it; `undefined` for anything else. */
function goSeconds(text: string): number | undefined {
  const match = /^(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?$/.exec(text);
  if (match === null || text === "") return undefined;
  const [, hours = 0, minutes = 0, seconds = 0, milliseconds = 0] = match;
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds) + Number(milliseconds) / 1000;
}

const forkField: Rule = {
  id: "http-unknown-field",
  title: "The add-on has no such field",
  severity: Severity.Error,
  kinds: ["HTTPScaledObject"],
  happens: "The API server drops it, or refuses the object where fields are checked strictly.",
  why: "`coldStartStreamingCallback` is of a fork of the add-on.",
  sources: ["kedacore/http-add-on operator/apis/http/v1alpha1/httpscaledobject_types.go"],
  fix: "Remove it; InterceptorRoute has `coldStart.placeholder` for an answer while the model starts.",
  bad: httpScaledObject.replace("  replicas:", "  coldStartStreamingCallback:\n    enabled: true\n  replicas:"),
  good: interceptorRoute,
  *check(object: LintedObject): Generator<Report> {
    const field = object.get("spec", "coldStartStreamingCallback");
    if (field.exists)
      yield { at: field, message: "coldStartStreamingCallback is no field of the add-on.", fix: "Remove it." };
  },
};

export const httpAddOnRules: readonly Rule[] = [deprecated, ownScaledObject, shortWait, forkField];
