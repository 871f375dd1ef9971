import { type Report, Severity } from "../finding";
import { startupOf } from "../related";
import type { LintContext, Rule } from "../rule";
import type { LintedObject } from "../source/linted-object";
import { fallbackLines, replicaLines, scaledObjectExample, specLines } from "./examples";
import { canWake, minReplicasOf } from "./outage";

const kinds = ["ScaledObject"];
const typesSource = "kedacore/keda apis/keda/v1alpha1/scaledobject_types.go";

const minUnset: Rule = {
  id: "min-replicas-unset",
  modelsOnly: true,
  title: "The minimum is 0 unless it is written",
  severity: Severity.Error,
  kinds,
  happens:
    "After five quiet minutes the last replica goes, and the next request fails: vLLM's metrics are gone with the pods, so nothing starts one again.",
  why: "KEDA's default for `minReplicaCount` is 0.",
  sources: [typesSource],
  fix: "Write `minReplicaCount: 1`, or 0 together with a trigger that sees requests from outside.",
  bad: scaledObjectExample({ spec: specLines.replace("minReplicaCount: 1\n", "") }),
  good: scaledObjectExample(),
  *check(object: LintedObject): Generator<Report> {
    const field = object.get("spec", "minReplicaCount");
    if (field.exists || canWake(object)) return;
    yield {
      at: field,
      message:
        "minReplicaCount is not written, so it is 0: after cooldownPeriod without load the last replica is removed.",
      fix: "Write minReplicaCount: 1.",
      edits: [{ kind: "add", path: field.path, value: 1 }],
    };
  },
};

const zeroWithoutWaker: Rule = {
  id: "zero-without-waker",
  modelsOnly: true,
  title: "It goes to zero and never comes back",
  severity: Severity.Error,
  kinds,
  happens:
    "At no replica there is no vLLM, so no metric of vLLM: the query is empty, KEDA sees no activity, and requests fail until somebody scales by hand.",
  why: "A metric that the pods themselves expose cannot start the first pod.",
  sources: ["kedacore/keda pkg/scaling/executor/scale_scaledobjects.go", "kedacore/http-add-on docs"],
  fix: "Keep one replica, or add a trigger that sees requests outside of the pods: `external-push` of KEDA's HTTP add-on, a queue, or `cron` for working hours.",
  bad: scaledObjectExample({ spec: specLines.replace("minReplicaCount: 1", "minReplicaCount: 0") }),
  good: scaledObjectExample(),
  *check(object: LintedObject): Generator<Report> {
    const field = object.get("spec", "minReplicaCount");
    if (field.number !== 0 || canWake(object)) return;
    const types = object
      .get("spec", "triggers")
      .items()
      .map((trigger) => trigger.get("type").text ?? "?");
    yield {
      at: field,
      message: `minReplicaCount is 0 and the triggers (${types.join(", ")}) only see pods that run: the first replica never comes back.`,
      fix: "Write minReplicaCount: 1, or add a trigger that sees requests from outside, such as external-push of the HTTP add-on.",
    };
  },
};

const maxUnset: Rule = {
  id: "max-replicas-unset",
  modelsOnly: true,
  title: "The maximum is 100 unless it is written",
  severity: Severity.Warning,
  kinds,
  happens:
    "A wrong reading asks for 100 replicas. The cluster has GPUs for a few: the rest stay pending, and take every GPU that another model releases.",
  why: "KEDA's default for `maxReplicaCount` is 100.",
  sources: [typesSource],
  fix: "Write the GPUs you have for this model.",
  bad: scaledObjectExample({ spec: specLines.replace("\nmaxReplicaCount: 7", "") }),
  good: scaledObjectExample(),
  *check(object: LintedObject): Generator<Report> {
    const field = object.get("spec", "maxReplicaCount");
    if (field.exists) return;
    yield {
      at: field,
      message: "maxReplicaCount is not written, so up to 100 replicas can be asked for.",
      fix: "Write the number of replicas that there are GPUs for.",
    };
  },
};

const minAboveMax: Rule = {
  id: "bounds-contradict",
  title: "The bounds contradict each other",
  severity: Severity.Error,
  kinds,
  happens: "KEDA's webhook refuses the object, or its operator makes no HPA.",
  why: "`idleReplicaCount` has to be below `minReplicaCount`, which may not be above `maxReplicaCount`. A minimum of 0 counts as 1 there, one that is not written as 0.",
  sources: [
    `${typesSource}, CheckReplicaCountBoundsAreValid`,
    "kedacore/keda apis/keda/v1alpha1/scaledobject_webhook.go",
  ],
  fix: "Order them: idle below minimum, minimum at most the maximum.",
  bad: scaledObjectExample({ spec: specLines.replace("minReplicaCount: 1", "minReplicaCount: 8") }),
  good: scaledObjectExample(),
  *check(object: LintedObject): Generator<Report> {
    const min = object.get("spec", "minReplicaCount");
    const max = object.get("spec", "maxReplicaCount").number ?? 100;
    const idle = object.get("spec", "idleReplicaCount");
    // What is no number the API server refuses by itself.
    if (min.exists && min.number === undefined) return;
    const lowest = comparedMinimum(object);
    if (lowest > max) {
      yield {
        at: min,
        message: `minReplicaCount ${min.number}${lowest === min.number ? "" : `, which counts as ${lowest},`} is above the maximum of ${max}: KEDA refuses it.`,
        fix: "Lower it, or raise maxReplicaCount.",
      };
    }
    if (idle.number !== undefined && idle.number >= lowest) {
      yield {
        at: idle,
        message: `idleReplicaCount ${idle.number} is not below minReplicaCount, ${min.exists ? min.scalarText : "which is not written"}: KEDA refuses it.`,
        fix: `Remove it, or write a minReplicaCount above ${idle.number}.`,
      };
    }
  },
};

/** What KEDA compares the other bounds with: a minimum of 0 counts as the HPA's 1, one that is not written as 0. */
function comparedMinimum(object: LintedObject): number {
  const { number } = object.get("spec", "minReplicaCount");
  return number === undefined ? 0 : Math.max(1, number);
}

const behaviorMissing: Rule = {
  id: "no-scale-down-policy",
  modelsOnly: true,
  title: "All replicas but one go in one step",
  severity: Severity.Warning,
  kinds,
  happens:
    "Five minutes after the load is gone, 7 replicas become 1 at once. If the load was only between two bursts, the next one meets one replica, and six cold starts.",
  why: "Without `behavior` the HPA waits 300 s and then removes as many replicas as it wants: 100 % in 15 s.",
  sources: ["kubernetes/kubernetes pkg/apis/autoscaling/v2/defaults.go"],
  fix: "Write `behavior.scaleDown` with a policy, such as 25 % in the time that a replica needs to finish its requests.",
  bad: scaledObjectExample({ spec: [replicaLines, fallbackLines].join("\n") }),
  good: scaledObjectExample(),
  *check(object: LintedObject): Generator<Report> {
    const down = object.get("spec", "advanced", "horizontalPodAutoscalerConfig", "behavior", "scaleDown");
    const max = object.get("spec", "maxReplicaCount").number ?? 100;
    const min = Math.max(1, minReplicasOf(object));
    if (down.get("policies").exists || down.get("selectPolicy").text === "Disabled" || max - min < 2) return;
    yield {
      at: down,
      message: `Nothing limits how fast it scales in: 300 s after the load is gone, ${max} replicas can become ${min} in one step.`,
      fix: "Add behavior.scaleDown.policies, for instance Percent 25 in the seconds of your longest generation.",
    };
  },
};

/** Of `autoscaling/v2`. */
const longestWindowSeconds = 3600;

const windowShorterThanStart: Rule = {
  id: "scale-down-window-below-start-up",
  modelsOnly: true,
  title: "Replicas are removed before their successors have started",
  severity: Severity.Warning,
  kinds,
  happens:
    "While new replicas load their weights, the metric proposes fewer than were asked for, and those are removed before they ever served: up, down, up.",
  why: "A `Value` metric multiplies the replicas that are ready. Those that start do not count, so the proposal is too low until they are.",
  sources: ["kubernetes/kubernetes pkg/controller/podautoscaler/replica_calculator.go, GetExternalMetricReplicas"],
  fix: "Take a `scaleDown.stabilizationWindowSeconds` that is longer than a start.",
  bad: scaledObjectExample({
    spec: specLines.replace("stabilizationWindowSeconds: 300", "stabilizationWindowSeconds: 60"),
  }),
  good: scaledObjectExample(),
  *check(object: LintedObject, context: LintContext): Generator<Report> {
    const startup = startupOf(object, context);
    const field = object.get(
      "spec",
      "advanced",
      "horizontalPodAutoscalerConfig",
      "behavior",
      "scaleDown",
      "stabilizationWindowSeconds",
    );
    if (field.number === undefined || field.number >= startup.seconds) return;
    yield {
      at: field,
      isAssumed: startup.isAssumed,
      message: `A replica takes ${startup.text} to start, and ${field.number} s after a lower proposal replicas are removed: some before they have served.`,
      fix:
        startup.seconds <= longestWindowSeconds
          ? `Write at least ${startup.seconds}, or say how long a start takes with --startup.`
          : `Shorten the start: Kubernetes allows a window of ${longestWindowSeconds} s at most.`,
    };
  },
};

const scaleDownDisabled: Rule = {
  id: "scaling-disabled",
  modelsOnly: true,
  title: "One direction is switched off",
  severity: Severity.Info,
  kinds,
  happens:
    "Replicas only ever go one way. With scaling in disabled, one burst keeps its GPUs until somebody intervenes.",
  why: "`selectPolicy: Disabled` forbids the direction.",
  sources: ["kubernetes/kubernetes staging/src/k8s.io/api/autoscaling/v2/types.go"],
  fix: "Remove it, or pause with `autoscaling.keda.sh/paused-scale-in` for the time it is meant for.",
  bad: scaledObjectExample({ spec: specLines.replace("scaleDown:\n", "scaleDown:\n        selectPolicy: Disabled\n") }),
  good: scaledObjectExample(),
  *check(object: LintedObject): Generator<Report> {
    const behavior = object.get("spec", "advanced", "horizontalPodAutoscalerConfig", "behavior");
    for (const direction of ["scaleUp", "scaleDown"]) {
      const field = behavior.get(direction, "selectPolicy");
      if (field.text !== "Disabled") continue;
      yield {
        at: field,
        message: `${direction} is disabled: the replicas never go ${direction === "scaleUp" ? "up" : "down"} by a metric.`,
        fix: "Remove selectPolicy: Disabled.",
      };
    }
  },
};

export const boundsRules: readonly Rule[] = [
  minUnset,
  zeroWithoutWaker,
  maxUnset,
  minAboveMax,
  behaviorMissing,
  windowShorterThanStart,
  scaleDownDisabled,
];
