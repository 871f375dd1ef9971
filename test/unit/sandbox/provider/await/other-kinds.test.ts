import { describe, expect, it } from "vitest";
import { jobReadiness } from "../../../../../packages/sandbox/src/provider/await/job";
import { serviceReadiness } from "../../../../../packages/sandbox/src/provider/await/service";
import {
  persistentVolumeClaimReadiness,
  persistentVolumeReadiness,
} from "../../../../../packages/sandbox/src/provider/await/volumes";
import type { JsonObject } from "../../../../../packages/sandbox/src/provider/json";

const noPods =
  "Service does not target any Pods. Selected Pods may not be ready, or field '.spec.selector' may not match labels on any Pods";
const noAddress = "Service was not allocated an IP address; does your cloud provider support this?";

describe("serviceReadiness", () => {
  const selecting = { spec: { type: "ClusterIP", clusterIP: "10.96.0.9", selector: { a: "b" } } };
  const balancing = { spec: { type: "LoadBalancer", selector: { a: "b" } } };
  const endpoints = (addresses: number, pending: number) => ({
    subsets: [{ addresses: Array(addresses).fill({ ip: "1" }), notReadyAddresses: Array(pending).fill({ ip: "2" }) }],
  });

  it.each<[string, JsonObject, JsonObject | undefined, number]>([
    ["settled endpoints", selecting, endpoints(1, 0), 10],
    ["settled endpoints without addresses", selecting, {}, 10],
    ["no cluster IP", { spec: { clusterIP: "None", selector: { a: "b" } } }, undefined, 0],
    ["an external name", { spec: { type: "ExternalName" } }, undefined, 0],
    ["no selector", { spec: { clusterIP: "10.96.0.9" } }, undefined, 0],
    [
      "a balancer with an address",
      { ...balancing, status: { loadBalancer: { ingress: [{ ip: "1" }] } } },
      endpoints(1, 0),
      10,
    ],
  ])("is ready with %s", (_with, service, found, unchangedSeconds) => {
    expect(serviceReadiness({ service, endpoints: found, unchangedSeconds })).toEqual({ state: "ready" });
  });

  it.each<[string, JsonObject, JsonObject | undefined, number, string[], boolean]>([
    ["no Endpoints object yet", selecting, undefined, 60, [noPods], true],
    ["endpoints that just changed", selecting, endpoints(1, 0), 9.9, [], true],
    ["a pending endpoint", selecting, endpoints(1, 1), 10, [], false],
    ["a balancer without an address", balancing, endpoints(1, 0), 10, [noAddress], false],
  ])("waits with %s", (_with, service, found, unchangedSeconds, reasons, acceptable) => {
    expect(serviceReadiness({ service, endpoints: found, unchangedSeconds })).toMatchObject({
      state: "waiting",
      reasons,
      acceptable,
    });
  });
});

describe("volumes", () => {
  it.each([
    ["Available", "ready"],
    ["Bound", "ready"],
    ["Pending", "waiting"],
    ["Released", "waiting"],
    ["Failed", "waiting"],
  ])("a %s volume is %s", (phase, state) => {
    expect(persistentVolumeReadiness({ status: { phase } }).state).toBe(state);
  });

  it.each([
    ["Bound", "Immediate", false, "ready"],
    ["Pending", "Immediate", false, "waiting"],
    ["Pending", "", false, "waiting"],
    ["Pending", "WaitForFirstConsumer", false, "ready"],
    ["Bound", "WaitForFirstConsumer", true, "ready"],
    ["Lost", "Immediate", true, "waiting"],
  ])("a %s claim of a class binding %j (update: %s) is %s", (phase, mode, isUpdate, state) => {
    expect(persistentVolumeClaimReadiness({ status: { phase } }, mode, isUpdate).state).toBe(state);
  });
});

describe("jobReadiness", () => {
  const job = (status: JsonObject) => ({ metadata: { name: "j", namespace: "ns" }, status });
  const failed = (reason: string) =>
    job({ startTime: "t", conditions: [{ type: "Failed", status: "True", reason, message: "m" }] });

  it.each<[string, JsonObject, JsonObject]>([
    ["has not started", job({}), { state: "waiting", status: 'Waiting for Job "ns/j" to start', reasons: [] }],
    [
      "runs",
      job({ startTime: "t", active: 1, failed: 2 }),
      {
        state: "waiting",
        status: 'Waiting for Job "ns/j" to succeed (Active: 1 | Succeeded: 0 | Failed: 2)',
        reasons: [],
      },
    ],
    ["is complete", job({ startTime: "t", conditions: [{ type: "Complete", status: "True" }] }), { state: "ready" }],
    ["has no retries left", failed("BackoffLimitExceeded"), { state: "failed", reasons: ["[BackoffLimitExceeded] m"] }],
    ["took too long", failed("DeadlineExceeded"), { state: "failed", reasons: ["[DeadlineExceeded] m"] }],
  ])("tells of a Job that %s", (_that, object, readiness) => {
    expect(jobReadiness(object, [])).toEqual(readiness);
  });
});
