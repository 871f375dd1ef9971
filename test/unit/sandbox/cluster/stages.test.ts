import { describe, expect, it } from "vitest";
import { type Stage, stages } from "../../../../packages/sandbox/src/cluster/stages";
import { isVllmPodJq } from "../../../../packages/sandbox/src/cluster/vllm-pod";

const byName = new Map(stages().map((stage) => [stage.metadata.name, stage]));

function stage(name: string): Stage {
  const found = byName.get(name);
  if (found === undefined) throw new Error(`no stage ${name}`);
  return found;
}

const condition = (name: string) => stage(name).spec.selector.matchExpressions[0]?.jq.key;
const events = (name: string) => stage(name).spec.steps.flatMap((step) => ("event" in step ? [step.event.reason] : []));
const delay = (name: string) => stage(name).spec.delay;

describe("stages", () => {
  it("is one object for each state of a node and a pod", () => {
    expect([...byName.keys()]).toEqual([
      "node-initialize",
      "node-heartbeat",
      "vllm-pod-create",
      "vllm-pod-start",
      "vllm-pod-load",
      "vllm-pod-ready",
      "pod-start",
      "pod-complete",
      "pod-delete",
      "vllm-pod-drained",
      "vllm-pod-killed",
    ]);
  });

  it("delays each part of a start-up until a time that its annotation gives, one second without", () => {
    const seconds = (part: string) =>
      `(.metadata.annotations["vllm-serving.dev/startup-${part}-seconds"] // "1" | tonumber)`;
    const containerStart = "(.status.containerStatuses[0].state.running.startedAt | fromdate)";
    expect(delay("vllm-pod-start")).toEqual({
      durationMilliseconds: 1000,
      durationFrom: { jq: { expression: `(.status.startTime | fromdate) + ${seconds("image-pull")} | todate` } },
    });
    expect(delay("vllm-pod-load")).toEqual({
      durationMilliseconds: 1000,
      durationFrom: { jq: { expression: `${containerStart} + ${seconds("load")} | todate` } },
    });
    expect(delay("vllm-pod-ready")).toEqual({
      durationMilliseconds: 2000,
      durationFrom: { jq: { expression: `${containerStart} + ${seconds("load")} + ${seconds("compile")} | todate` } },
    });
  });

  it("completes a Job's pod when the time has passed that a download declares, at once without", () => {
    expect(delay("pod-complete")).toEqual({
      durationMilliseconds: 0,
      durationFrom: {
        jq: {
          expression:
            '(.status.startTime | fromdate) + (.metadata.annotations["vllm-serving.dev/download-seconds"] // "0" | tonumber) | todate',
        },
      },
    });
  });

  it("tells what happened in events with reasons", () => {
    expect(["vllm-pod-create", "vllm-pod-start", "vllm-pod-load", "vllm-pod-ready"].flatMap(events)).toEqual([
      "Pulling",
      "Pulled",
      "Started",
      "WeightsLoaded",
      "Compiled",
    ]);
    expect(events("vllm-pod-drained")).toEqual(["Drained"]);
    expect(events("vllm-pod-killed")).toEqual(["Killing"]);
  });

  it("starts a vLLM pod of a ReplicaSet only when it knows what its Deployment declares", () => {
    const adopted =
      '(([.metadata.ownerReferences[]?.kind] | any(. == "ReplicaSet") | not) or ' +
      '(.metadata.annotations["sandbox.vllm-serving.dev/adopted"] != null))';
    expect(condition("vllm-pod-create")).toContain(`and ${adopted}`);
  });

  it("makes a vLLM pod Ready only with the address of its simulator", () => {
    expect(condition("vllm-pod-ready")).toContain(
      '(.metadata.annotations["sandbox.vllm-serving.dev/address"] != null)',
    );
    expect(condition("vllm-pod-load")).not.toContain("sandbox.vllm-serving.dev/address");
  });

  it("keeps a removed vLLM pod until it has drained or its grace period is over; others go at once", () => {
    expect(condition("pod-delete")).toBe(
      `(.metadata.deletionTimestamp != null) and ((${isVllmPodJq} and (.status.phase == "Running")) | not)`,
    );
    expect(delay("pod-delete")).toBeUndefined();
    expect(condition("vllm-pod-drained")).toContain(
      'and (.metadata.annotations["sandbox.vllm-serving.dev/drained"] != null)',
    );
    expect(delay("vllm-pod-drained")).toBeUndefined();
    expect(condition("vllm-pod-killed")).toContain("| not)");
    expect(delay("vllm-pod-killed")).toEqual({
      durationMilliseconds: 0,
      durationFrom: { jq: { expression: ".metadata.deletionTimestamp" } },
    });
  });

  it("gives a pod an address only while it has none, since each call of kwok's function gives another", () => {
    for (const name of ["vllm-pod-create", "vllm-pod-start", "pod-start"]) {
      const templates = stage(name).spec.steps.flatMap((step) => ("patch" in step ? [step.patch.template] : []));
      expect(templates.join("").split("PodIPsWith")[0]).toContain("{{ if not .status.podIP }}");
    }
  });
});
