import { annotations } from "vllm-serving/manifests";
import { sandboxAnnotations } from "./sandbox-annotations";
import {
  conditions,
  containerStatuses,
  creatingStatus,
  heartbeatStatus,
  readyNodeStatus,
  runningStatus,
} from "./status-templates";
import { isVllmPodJq } from "./vllm-pod";

/**
 * Behaviour of fake nodes and pods as data: a kwok `Stage` (kwok.x-k8s.io/v1alpha1), which moves an object that its selector
 * matches to a next state after a delay. Selectors exclude each other, so that no stage is drawn by chance.
 */
export interface Stage {
  apiVersion: "kwok.x-k8s.io/v1alpha1";
  kind: "Stage";
  metadata: { name: string };
  spec: {
    resourceRef: { apiGroup: "v1"; kind: "Node" | "Pod" };
    selector: { matchExpressions: { jq: { key: string; operator: "In"; values: ["true"] } }[] };
    delay?: StageDelay;
    steps: StageStep[];
  };
}

/** `jq` gives a time or a Go duration; the milliseconds hold where it gives nothing. */
interface StageDelay {
  durationMilliseconds: number;
  durationFrom?: { jq: { expression: string } };
  jitterDurationMilliseconds?: number;
}

type StageStep =
  | { event: { type: "Normal" | "Warning"; reason: string; message: string } }
  | { patch: { subresource: "status"; root: "status"; template: string } }
  | { delete: true };

/** Condition of a pod whose weights are in the GPU while compilation still runs. */
const weightsLoadedCondition = "vllm-serving.dev/WeightsLoaded";

/** All stages of the sandbox. */
export function stages(): Stage[] {
  return [...nodeStages(), ...vllmPodStages(), ...otherPodStages(), ...deletionStages()];
}

/** kwok's own `node-initialize` and `node-heartbeat`, reduced to what the sandbox's nodes need. */
function nodeStages(): Stage[] {
  const ready = `([.status.conditions[]? | select(.type == "Ready") | .status] | any(. == "True"))`;
  return [
    stage("Node", "node-initialize", `${ready} | not`, [patchStatus(readyNodeStatus)]),
    stage("Node", "node-heartbeat", ready, [patchStatus(heartbeatStatus)], {
      durationMilliseconds: 20_000,
      jitterDurationMilliseconds: 25_000,
    }),
  ];
}

const alive = "(.metadata.deletionTimestamp == null)";
const fresh = "(.status.containerStatuses == null)";
const creating = "([.status.containerStatuses[]?.state.waiting] | any(. != null))";
const running = `(.status.phase == "Running")`;
const notReady = `([.status.conditions[]? | select(.type == "Ready") | .status] | any(. == "True") | not)`;
const loaded = `([.status.conditions[]? | select(.type == "${weightsLoadedCondition}") | .status] | any(. == "True"))`;
const hasAddress = `(.metadata.annotations["${sandboxAnnotations.address}"] != null)`;
const isAdopted =
  `(([.metadata.ownerReferences[]?.kind] | any(. == "ReplicaSet") | not) or ` +
  `(.metadata.annotations["${sandboxAnnotations.adopted}"] != null))`;
const isDrained = `(.metadata.annotations["${sandboxAnnotations.drained}"] != null)`;

/**
 * The start-up of a vLLM pod, as slow as its annotations declare: image, weights, compilation. Delays end at a time that is
 * counted from what the status holds, because kwok counts a plain duration anew whenever the pod changes. Kubernetes keeps
 * times in whole seconds, so each part may be up to a second shorter.
 */
function vllmPodStages(): Stage[] {
  const podStarted = ".status.startTime";
  const containerStarted = ".status.containerStatuses[0].state.running.startedAt";
  return [
    podStage("vllm-pod-create", [isVllmPodJq, alive, fresh, isAdopted], {
      steps: [patchStatus(creatingStatus), event("Pulling", "Pulling the image")],
    }),
    podStage("vllm-pod-start", [isVllmPodJq, alive, creating], {
      delay: after(podStarted, annotations.imagePullSeconds),
      steps: [
        patchStatus(runningStatus({ ready: false })),
        event("Pulled", "Pulled the image"),
        event("Started", "Started the container; loading the weights"),
      ],
    }),
    podStage("vllm-pod-load", [isVllmPodJq, alive, running, notReady, `(${loaded} | not)`], {
      delay: after(containerStarted, annotations.loadSeconds),
      steps: [
        patchStatus(conditions({ [weightsLoadedCondition]: true })),
        event("WeightsLoaded", "The weights are in the GPU's memory; compiling"),
      ],
    }),
    podStage("vllm-pod-ready", [isVllmPodJq, alive, running, notReady, loaded, hasAddress], {
      delay: after(containerStarted, annotations.loadSeconds, annotations.compileSeconds),
      steps: [
        patchStatus(conditions({ Ready: true, ContainersReady: true }) + containerStatuses("started")),
        event("Compiled", "Compilation and graph capture are done; the server answers"),
      ],
    }),
  ];
}

/** Other pods run at once; those of a Job are done at once, or when the time has passed that a download declares. */
function otherPodStages(): Stage[] {
  const other = `(${isVllmPodJq} | not)`;
  const ofJob = `([.metadata.ownerReferences[]?.kind] | any(. == "Job"))`;
  return [
    podStage("pod-start", [other, alive, fresh], {
      steps: [patchStatus(runningStatus({ ready: true })), event("Started", "Started the containers")],
    }),
    podStage("pod-complete", [other, alive, running, ofJob], {
      delay: {
        durationMilliseconds: 0,
        durationFrom: {
          jq: { expression: `(.status.startTime | fromdate) + ${declared(annotations.downloadSeconds, 0)} | todate` },
        },
      },
      steps: [
        patchStatus(
          `${conditions({ Ready: false, ContainersReady: false })}${containerStatuses("completed")}phase: Succeeded\n`,
        ),
      ],
    }),
  ];
}

/** A pod with a simulator goes when that has drained, or is killed when its grace period is over; others go at once. */
function deletionStages(): Stage[] {
  const deleted = "(.metadata.deletionTimestamp != null)";
  const serving = `(${isVllmPodJq} and ${running})`;
  return [
    podStage("pod-delete", [deleted, `(${serving} | not)`], { steps: [{ delete: true }] }),
    podStage("vllm-pod-drained", [deleted, serving, isDrained], {
      steps: [event("Drained", "Finished the requests in flight and stopped"), { delete: true }],
    }),
    podStage("vllm-pod-killed", [deleted, serving, `(${isDrained} | not)`], {
      delay: { durationMilliseconds: 0, durationFrom: { jq: { expression: ".metadata.deletionTimestamp" } } },
      steps: [event("Killing", "The grace period is over; requests in flight are lost"), { delete: true }],
    }),
  ];
}

function podStage(name: string, conditionsOfPod: string[], next: { delay?: StageDelay; steps: StageStep[] }): Stage {
  return stage("Pod", name, conditionsOfPod.join(" and "), next.steps, next.delay);
}

function stage(kind: "Node" | "Pod", name: string, condition: string, steps: StageStep[], delay?: StageDelay): Stage {
  return {
    apiVersion: "kwok.x-k8s.io/v1alpha1",
    kind: "Stage",
    metadata: { name },
    spec: {
      resourceRef: { apiGroup: "v1", kind },
      selector: { matchExpressions: [{ jq: { key: condition, operator: "In", values: ["true"] } }] },
      ...(delay && { delay }),
      steps,
    },
  };
}

/** Until the seconds of all `parts` have passed since `time`; a part that is not annotated takes one second. */
function after(time: string, ...parts: string[]): StageDelay {
  const seconds = parts.map((part) => declared(part, 1)).join(" + ");
  return {
    durationMilliseconds: parts.length * 1000,
    durationFrom: { jq: { expression: `(${time} | fromdate) + ${seconds} | todate` } },
  };
}

/** jq for the seconds of an annotation. */
function declared(annotation: string, otherwise: number): string {
  return `(.metadata.annotations["${annotation}"] // "${otherwise}" | tonumber)`;
}

function patchStatus(template: string): StageStep {
  return { patch: { subresource: "status", root: "status", template } };
}

function event(reason: string, message: string): StageStep {
  return { event: { type: "Normal", reason, message } };
}
