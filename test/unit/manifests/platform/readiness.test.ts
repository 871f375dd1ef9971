import { expect, test } from "vitest";
import { unreadiness } from "../../../../src/manifests/platform/readiness";

const deployment = { apiVersion: "apps/v1", kind: "Deployment", namespace: "keda", name: "operator" };

test("an object that must be there", () => {
  expect(unreadiness(deployment, undefined)).toBe("Deployment keda/operator is not there");
  expect(unreadiness(deployment, {})).toBeUndefined();
});

test("a condition that must be True, with what the object says of it", () => {
  const wanted = { ...deployment, condition: "Available" };
  const live = (status: string, more = {}) => ({ status: { conditions: [{ type: "Available", status, ...more }] } });
  expect(unreadiness(wanted, live("True"))).toBeUndefined();
  expect(unreadiness(wanted, {})).toBe("Deployment keda/operator has no condition Available");
  expect(unreadiness(wanted, live("Unknown"))).toBe("Deployment keda/operator has condition Available Unknown");
  expect(unreadiness(wanted, live("False", { reason: "MinimumReplicas", message: "no pod" }))).toBe(
    "Deployment keda/operator has condition Available False (MinimumReplicas: no pod)",
  );
});

test("a field that must have a value, of an object without a namespace", () => {
  const wanted = {
    apiVersion: "nvidia.com/v1",
    kind: "ClusterPolicy",
    name: "policy",
    field: "status.state",
    is: "ready",
  };
  expect(unreadiness(wanted, { status: { state: "ready" } })).toBeUndefined();
  expect(unreadiness(wanted, { status: { state: "notReady" } })).toBe(
    'ClusterPolicy policy has status.state "notReady", not "ready"',
  );
  expect(unreadiness(wanted, {})).toBe('ClusterPolicy policy has status.state nothing, not "ready"');
});
