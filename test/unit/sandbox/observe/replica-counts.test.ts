import type { V1Pod } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { replicaCounts } from "../../../../packages/sandbox/src/observe/replica-counts";

const deployment = (replicas: number | undefined, readyReplicas: number | undefined) => ({
  spec: { selector: {}, template: {}, ...(replicas === undefined ? {} : { replicas }) },
  status: readyReplicas === undefined ? {} : { readyReplicas },
});
const pod = (scheduled: "True" | "False", deleted = false): V1Pod => ({
  metadata: deleted ? { deletionTimestamp: new Date(0) } : {},
  status: { conditions: [{ type: "PodScheduled", status: scheduled }] },
});

describe("replicaCounts", () => {
  it("counts what is asked for and not ready as pending, and what no node has room for apart", () => {
    expect(replicaCounts(deployment(8, 5), [pod("True"), pod("False"), pod("False", true)])).toEqual({
      desired: 8,
      ready: 5,
      pending: 3,
      unscheduled: 1,
    });
  });

  it("has nothing pending while it scales down", () => {
    expect(replicaCounts(deployment(2, 5), [])).toEqual({ desired: 2, ready: 5, pending: 0, unscheduled: 0 });
  });

  it("takes a status without ready replicas as none, and a missing spec.replicas as one", () => {
    expect(replicaCounts(deployment(undefined, undefined), [{}])).toEqual({
      desired: 1,
      ready: 0,
      pending: 1,
      unscheduled: 0,
    });
  });
});
