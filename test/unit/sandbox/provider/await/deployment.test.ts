import { describe, expect, it } from "vitest";
import { deploymentReadiness } from "../../../../../packages/sandbox/src/provider/await/deployment";
import type { JsonObject } from "../../../../../packages/sandbox/src/provider/json";

interface Case {
  revision?: string;
  generation?: number;
  observed?: number;
  available?: boolean;
  rolledOut?: boolean;
  wanted?: number;
  ready?: number;
  claims?: Record<string, string>;
  pods?: JsonObject[];
}

const owner = (uid: string) => ({ ownerReferences: [{ uid }] });
const revisionOf = (revision: string) => ({ "deployment.kubernetes.io/revision": revision });

function snapshot({
  revision = "1",
  generation = 1,
  observed = generation,
  available = true,
  rolledOut = true,
  wanted = 2,
  ready = wanted,
  claims = {},
  pods = [],
}: Case) {
  return {
    deployment: {
      metadata: { name: "web", uid: "d", generation, annotations: revisionOf(revision) },
      spec: {
        template: {
          spec: {
            volumes: [
              { name: "v", persistentVolumeClaim: { claimName: "weights" } },
              { name: "e", emptyDir: {} },
            ],
          },
        },
      },
      status: {
        observedGeneration: observed,
        conditions: [
          {
            type: "Available",
            status: available ? "True" : "False",
            reason: "MinimumReplicasUnavailable",
            message: "too few",
          },
          rolledOut
            ? { type: "Progressing", status: "True", reason: "NewReplicaSetAvailable", message: "done" }
            : {
                type: "Progressing",
                status: "False",
                reason: "ProgressDeadlineExceeded",
                message: "timed out progressing",
              },
        ],
      },
    },
    replicaSets: [
      { metadata: { uid: "old", annotations: revisionOf("0"), ...owner("d") }, spec: { replicas: 9 }, status: {} },
      { metadata: { uid: "stranger", annotations: revisionOf(revision), ...owner("x") }, spec: { replicas: 9 } },
      {
        metadata: { uid: "rs", annotations: revisionOf(revision), ...owner("d") },
        spec: { replicas: wanted },
        status: ready === 0 ? {} : { readyReplicas: ready },
      },
    ],
    pods,
    claims: Object.entries(claims).map(([name, phase]) => ({ metadata: { name }, status: { phase } })),
  };
}

describe("deploymentReadiness", () => {
  it.each<[string, Case]>([
    ["all replicas are ready", {}],
    ["it wants none", { wanted: 0 }],
    ["more are ready than wanted", { wanted: 1, ready: 2 }],
    ["the first revision has no roll-out to wait for", { rolledOut: false }],
    ["a later roll-out is complete", { revision: "2", generation: 3 }],
    ["its claims are bound", { claims: { weights: "Bound" } }],
    ["a claim it does not mount is pending", { claims: { other: "Pending" } }],
  ])("is ready when %s", (_when, given) => {
    expect(deploymentReadiness(snapshot(given))).toEqual({ state: "ready" });
  });

  const notLive = "Minimum number of live Pods was not attained";
  const notReached = "Minimum number of Pods to consider the application live was not attained";
  it.each<[string, Case, string, string[]]>([
    [
      "the controller has not seen the change",
      { generation: 2, observed: 1 },
      "Waiting for the Deployment controller",
      [notLive],
    ],
    [
      "too few replicas are available",
      { available: false, ready: 0 },
      "Waiting for app ReplicaSet to be available (0/2 Pods available)",
      ["[MinimumReplicasUnavailable] too few", notLive],
    ],
    [
      "not all replicas of the first revision are ready",
      { ready: 1 },
      "Waiting for app ReplicaSet to be available (1/2 Pods available)",
      [notReached],
    ],
    [
      "a roll-out exceeds its deadline",
      { revision: "2", rolledOut: false, ready: 0 },
      "Waiting for app ReplicaSet to be available (0/2 Pods available)",
      ["[ProgressDeadlineExceeded] timed out progressing", notReached],
    ],
    [
      "the new replicas of a later revision are not ready",
      { revision: "2", ready: 1 },
      "Waiting for app ReplicaSet to be available (1/2 Pods available)",
      ["Attempted to roll forward to new ReplicaSet, but minimum number of Pods did not become live"],
    ],
    [
      "a mounted claim is not bound",
      { claims: { weights: "Pending" } },
      "Waiting for app ReplicaSet to be available (2/2 Pods available)",
      ['Failed to bind PersistentVolumeClaim(s): "weights"'],
    ],
  ])("waits while %s", (_while, given, status, reasons) => {
    expect(deploymentReadiness(snapshot(given))).toEqual({ state: "waiting", status, reasons });
  });

  it("tells what is wrong with the pods of its newest ReplicaSet only", () => {
    const broken = (name: string, ownerUid: string) => ({
      metadata: { name, namespace: "ns", ...owner(ownerUid) },
      status: {
        conditions: [
          { type: "PodScheduled", status: "True" },
          { type: "Initialized", status: "False", reason: "ContainersNotInitialized", message: "no weights" },
        ],
      },
    });
    const pods = [broken("new", "rs"), broken("earlier", "old")];
    const readiness = deploymentReadiness(snapshot({ available: false, ready: 0, pods }));
    expect(readiness).toMatchObject({
      reasons: ["[MinimumReplicasUnavailable] too few", notLive, "[Pod ns/new]: no weights"],
    });
  });

  it("shows why a pod has no node, which is no error", () => {
    const message = "0/7 nodes are available";
    const unscheduled = {
      metadata: { name: "new", namespace: "ns", ...owner("rs") },
      status: { conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message }] },
    };
    expect(deploymentReadiness(snapshot({ available: false, ready: 0, pods: [unscheduled] }))).toMatchObject({
      status: message,
      reasons: ["[MinimumReplicasUnavailable] too few", notLive],
    });
  });

  it("waits until its ReplicaSet is there", () => {
    const { replicaSets: _none, ...rest } = snapshot({});
    expect(deploymentReadiness({ ...rest, replicaSets: [] }).state).toBe("waiting");
  });
});
