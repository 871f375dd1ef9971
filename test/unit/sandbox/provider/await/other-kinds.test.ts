import { describe, expect, it } from "vitest";
import { daemonSetReadiness } from "../../../../../packages/sandbox/src/provider/await/daemon-set";
import { ingressReadiness } from "../../../../../packages/sandbox/src/provider/await/ingress";
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

describe("daemonSetReadiness", () => {
  const counted = (ready: number, available = ready, updated = 2, current = 2, observedGeneration = 3) => ({
    metadata: { generation: 3 },
    status: {
      observedGeneration,
      desiredNumberScheduled: 2,
      currentNumberScheduled: current,
      updatedNumberScheduled: updated,
      numberAvailable: available,
      numberReady: ready,
    },
  });

  it.each<[string, JsonObject, JsonObject]>([
    ["all pods ready", counted(2), { state: "ready" }],
    [
      "no node for it",
      { metadata: { generation: 1 }, status: { observedGeneration: 1, desiredNumberScheduled: 0 } },
      { state: "ready" },
    ],
    ["a pod that is not ready", counted(1, 2), { state: "waiting", status: "Ready: 1/2", reasons: [] }],
    ["a pod that is not available", counted(1), { state: "waiting", status: "Available: 1/2", reasons: [] }],
    ["a pod of the old revision", counted(2, 2, 1), { state: "waiting", status: "Updated: 1/2", reasons: [] }],
    ["a node without a pod", counted(2, 2, 2, 1), { state: "waiting", status: "Current: 1/2", reasons: [] }],
    [
      "a change that its controller has not seen",
      counted(2, 2, 2, 2, 2),
      { state: "waiting", status: "DaemonSet generation is 3, but latest observed generation is 2", reasons: [] },
    ],
  ])("tells of a DaemonSet with %s", (_with, daemonSet, readiness) => {
    expect(daemonSetReadiness(daemonSet)).toEqual(readiness);
  });
});

describe("ingressReadiness", () => {
  const backend = { service: { name: "s", port: { number: 80 } } };
  const ingress = (hasAddress: boolean) => ({
    spec: { rules: [{ http: { paths: [{ path: "/", backend }] } }] },
    status: { loadBalancer: hasAddress ? { ingress: [{ ip: "192.0.2.1" }] } : {} },
  });
  const named = (name: string) => ({ metadata: { name } });
  const noTarget = "Ingress has at least one rule with an unavailable target endpoint.";
  const noAddress =
    "Ingress .status.loadBalancer field was not updated with a hostname/IP address. \n    for more information about this error, see https://pulumi.io/xdv72s";

  it.each<[string, boolean, JsonObject[], JsonObject[], number, string[]]>([
    ["its Service's Endpoints and an address", true, [], [named("s")], 0, []],
    ["no address", false, [], [named("s")], 0, [noAddress]],
    ["no Endpoints yet", true, [], [], 59, [noTarget]],
    ["no Endpoints for long", true, [], [], 60, []],
    ["Endpoints of others that just changed", true, [], [named("other")], 9, [noTarget]],
    ["Endpoints of others that have settled", true, [], [named("other")], 10, []],
    ["a Service outside the cluster", true, [{ ...named("s"), spec: { type: "ExternalName" } }], [], 0, []],
    ["neither", false, [], [], 0, [noTarget, noAddress]],
  ])("tells of an Ingress with %s", (_with, hasAddress, services, endpoints, unchangedSeconds, reasons) => {
    const readiness = ingressReadiness({ ingress: ingress(hasAddress), services, endpoints, unchangedSeconds });
    expect(readiness.state === "waiting" ? readiness.reasons : []).toEqual(reasons);
    expect(readiness.state).toBe(reasons.length === 0 ? "ready" : "waiting");
  });
});
