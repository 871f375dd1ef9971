import { EventsV1Event } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { type ClusterEvent, mergeEvents, readEvent } from "../../../../packages/sandbox/src/observe/cluster-events";

/** As the client hands events on: micro times stay the strings or nulls of the API server. */
function event(fields: Record<string, unknown>): EventsV1Event {
  return Object.assign(
    new EventsV1Event(),
    { metadata: { uid: "u1" }, reason: "R", note: "n", type: "Normal" },
    fields,
  );
}

describe("readEvent", () => {
  it("reads one of the newer recorders, with a series", () => {
    const read = readEvent(
      event({
        eventTime: "2026-08-20T09:30:00.500000Z",
        series: { count: 4, lastObservedTime: "2026-08-20T09:31:00.000000Z" },
        regarding: { kind: "Pod", name: "llama-1" },
        reportingController: "default-scheduler",
        reason: "Scheduled",
      }),
    );
    expect(read).toEqual({
      uid: "u1",
      at: Date.UTC(2026, 7, 20, 9, 30, 0, 500),
      lastAt: Date.UTC(2026, 7, 20, 9, 31),
      count: 4,
      type: "Normal",
      reason: "Scheduled",
      note: "n",
      object: "Pod/llama-1",
      reporter: "default-scheduler",
    });
  });

  it("reads one of the older recorders, with the deprecated times", () => {
    const read = readEvent(
      event({
        eventTime: null,
        deprecatedFirstTimestamp: new Date(1000),
        deprecatedLastTimestamp: new Date(5000),
        deprecatedCount: 3,
        deprecatedSource: { component: "deployment-controller" },
        reportingController: "",
        type: "Warning",
      }),
    );
    expect(read).toMatchObject({
      at: 1000,
      lastAt: 5000,
      count: 3,
      reporter: "deployment-controller",
      type: "Warning",
    });
  });

  it("reads one of KEDA, whose last time is null", () => {
    const read = readEvent(event({ eventTime: "1970-01-01T00:00:07.000000Z", deprecatedLastTimestamp: null }));
    expect(read).toMatchObject({ at: 7000, lastAt: 7000, count: 1 });
  });

  it("falls back to the creation", () => {
    expect(readEvent(event({ eventTime: null, metadata: { uid: "u", creationTimestamp: new Date(42) } })).at).toBe(42);
  });
});

it("mergeEvents replaces what is reported again, keeps what is forgotten, and sorts by time", () => {
  const at = (uid: string, time: number, count = 1): ClusterEvent => ({
    uid,
    at: time,
    lastAt: time,
    count,
    type: "Normal",
    reason: "R",
    note: "",
    object: "Pod/p",
    reporter: "",
  });
  expect(mergeEvents([at("a", 5), at("gone", 1)], [at("b", 3), at("a", 5, 2)])).toEqual([
    at("gone", 1),
    at("b", 3),
    at("a", 5, 2),
  ]);
});
