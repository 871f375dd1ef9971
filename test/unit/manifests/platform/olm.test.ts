import { describe, expect, test } from "vitest";
import { customMetricsAutoscaler } from "../../../../src/manifests/platform/keda";
import {
  csvTrouble,
  operatorGroup,
  plansToApprove,
  subscription,
  subscriptionTrouble,
  waitingVersions,
} from "../../../../src/manifests/platform/olm";

const annotations = { "vllm-serving.dev/made-by": "project/stack/keda" };

describe("objects", () => {
  test("the channel's newest, with its updates", () => {
    const operator = customMetricsAutoscaler({});
    expect(operatorGroup(operator, "project/stack/keda")).toEqual({
      apiVersion: "operators.coreos.com/v1",
      kind: "OperatorGroup",
      metadata: {
        name: "openshift-custom-metrics-autoscaler-operator",
        namespace: "openshift-keda",
        annotations,
      },
      spec: {},
    });
    expect(subscription(operator, "project/stack/keda")).toEqual({
      apiVersion: "operators.coreos.com/v1alpha1",
      kind: "Subscription",
      metadata: {
        name: "openshift-custom-metrics-autoscaler-operator",
        namespace: "openshift-keda",
        annotations,
      },
      spec: {
        name: "openshift-custom-metrics-autoscaler-operator",
        channel: "stable",
        source: "redhat-operators",
        sourceNamespace: "openshift-marketplace",
        installPlanApproval: "Automatic",
      },
    });
  });

  test("one version of a mirrored catalog", () => {
    const operator = customMetricsAutoscaler({
      operator: { catalog: "mirror", catalogNamespace: "olm", channel: "test", startingCsv: "cma.v1" },
    });
    expect(subscription(operator, "a").spec).toEqual({
      name: "openshift-custom-metrics-autoscaler-operator",
      channel: "test",
      source: "mirror",
      sourceNamespace: "olm",
      installPlanApproval: "Manual",
      startingCSV: "cma.v1",
    });
  });
});

describe("InstallPlans", () => {
  const plan = (name: string, approved: boolean, ...csvs: string[]) => ({
    metadata: { name },
    spec: { approved, clusterServiceVersionNames: csvs },
  });
  const plans = [plan("done", true, "a.v1"), plan("wanted", false, "a.v1", "b.v3"), plan("newer", false, "a.v2")];

  test("only those that lead to the version are approved", () => {
    expect(plansToApprove(plans, "a.v1")).toEqual(["wanted"]);
    expect(plansToApprove(plans, "a.v3")).toEqual([]);
  });

  test("versions that wait", () => {
    expect(waitingVersions(plans)).toEqual(["a.v1", "b.v3", "a.v2"]);
  });
});

describe("trouble", () => {
  test("of a Subscription, as OLM says it", () => {
    const failed = { type: "ResolutionFailed", status: "True", message: "no operators found in channel stable" };
    expect(subscriptionTrouble({ status: { conditions: [failed] } })).toBe(
      "ResolutionFailed: no operators found in channel stable",
    );
    expect(subscriptionTrouble({ status: { conditions: [{ ...failed, status: "False" }] } })).toBeUndefined();
    expect(subscriptionTrouble({})).toBeUndefined();
  });

  test("of a ClusterServiceVersion", () => {
    expect(csvTrouble("a.v1", undefined)).toBe("ClusterServiceVersion a.v1 is not there");
    expect(csvTrouble("a.v1", { status: { phase: "Failed", message: "no such image" } })).toBe(
      "ClusterServiceVersion a.v1 is Failed (no such image)",
    );
    expect(csvTrouble("a.v1", {})).toBe("ClusterServiceVersion a.v1 is new");
    expect(csvTrouble("a.v1", { status: { phase: "Succeeded" } })).toBeUndefined();
  });
});
