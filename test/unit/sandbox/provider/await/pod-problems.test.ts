import { describe, expect, it } from "vitest";
import { podProblems } from "../../../../../packages/sandbox/src/provider/await/pod-problems";
import type { JsonObject } from "../../../../../packages/sandbox/src/provider/json";

const met = (type: string) => ({ type, status: "True" });
const unmet = (type: string, reason: string, message: string) => ({ type, status: "False", reason, message });
const pod = (conditions: JsonObject[], containerStatuses: JsonObject[] = [], phase = "Pending") => ({
  metadata: { name: "p", namespace: "default" },
  status: { phase, conditions, containerStatuses },
});
const started = [met("PodScheduled"), met("Initialized")];
const notReady = unmet("Ready", "ContainersNotReady", "containers with unready status: [c]");
const container = (fields: JsonObject) => ({ name: "c", ready: false, ...fields });

describe("podProblems", () => {
  it.each<[string, JsonObject]>([
    ["has no conditions yet", pod([])],
    ["has no node yet", pod([unmet("PodScheduled", "Unschedulable", "0/7 nodes are available")])],
    ["is scheduled and nothing more", pod([met("PodScheduled")])],
    ["is ready", pod([...started, met("Ready")])],
    ["has succeeded", pod([...started, notReady], [], "Succeeded")],
  ])("has none when the pod %s", (_when, object) => {
    expect(podProblems(object)).toEqual([]);
  });

  it.each<[string, JsonObject, string]>([
    [
      "an image that cannot be pulled",
      pod(
        [...started, notReady],
        [
          container({
            state: {
              waiting: {
                reason: "ErrImagePull",
                message: "rpc error: code = Unknown desc = Error response from daemon: no such image: manifest unknown",
              },
            },
          }),
        ],
      ),
      "containers with unready status: [c][ErrImagePull] no such image",
    ],
    [
      "a container that is being made",
      pod([...started, notReady], [container({ state: { waiting: { reason: "ContainerCreating" } } })]),
      "containers with unready status: [c]",
    ],
    [
      "a container that ended",
      pod([...started, notReady], [container({ state: { terminated: { reason: "Completed", exitCode: 3 } } })]),
      'containers with unready status: [c]container "c" completed with exit code 3',
    ],
    [
      "a container that crashes again and again",
      pod(
        [...started, notReady],
        [
          container({
            state: { waiting: { reason: "CrashLoopBackOff", message: "back-off 10s" } },
            lastState: {
              terminated: { reason: "OOMKilled", exitCode: 137, finishedAt: "2026-01-01T00:00:00Z", message: "killed" },
            },
          }),
        ],
      ),
      'containers with unready status: [c][CrashLoopBackOff] back-off 10s\ncontainer "c" terminated at 2026-01-01T00:00:00Z (OOMKilled: exit code 137)\nkilled',
    ],
    [
      "an init container that fails",
      pod([
        met("PodScheduled"),
        unmet("Initialized", "ContainersNotInitialized", "containers with incomplete status: [i]"),
      ]),
      "containers with incomplete status: [i]",
    ],
  ])("tells of %s", (_what, object, problem) => {
    expect(podProblems(object)).toEqual([`[Pod p]: ${problem}`]);
  });
});
