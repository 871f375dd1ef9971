import { describe, expect, test } from "vitest";
import { platformManifests } from "../../../../src/manifests/platform/platform-manifests";
import type { ServingPlatformOptions } from "../../../../src/manifests/platform-reference";

const objectsOf = (options: ServingPlatformOptions) =>
  platformManifests(options).objects.map(
    ({ kind, metadata }) => `${kind} ${metadata.namespace ?? ""}/${metadata.name}`,
  );
const releasesOf = (options: ServingPlatformOptions) =>
  platformManifests(options).releases.map(({ step, name }) => `${step} ${name}`);

const install = { mode: "install" };
const everything: ServingPlatformOptions = {
  distribution: "kubernetes",
  prometheus: install,
  certManager: install,
  gpus: install,
  keda: install,
  kedaHttpAddon: install,
  knative: install,
  kserve: install,
};

describe("on Kubernetes", () => {
  test("are Helm releases in the order of their needs, their namespaces, and Knative's own resource", () => {
    expect(releasesOf(everything)).toEqual([
      "10 kube-prometheus-stack",
      "20 cert-manager",
      "30 gpu-operator",
      "40 keda",
      "50 keda-add-ons-http",
      "60 knative-operator",
      "90 kserve-crd",
      "91 kserve-resources",
    ]);
    expect(objectsOf(everything)).toEqual([
      "Namespace /monitoring",
      "Namespace /cert-manager",
      "Namespace /gpu-operator",
      "Namespace /keda",
      "Namespace /knative-operator",
      "Namespace /knative-serving",
      "KnativeServing knative-serving/knative-serving",
      "Namespace /kserve",
    ]);
  });

  test("have the same number whatever else is installed, and only what is installed or adopted", () => {
    const some: ServingPlatformOptions = { distribution: "kubernetes", keda: { mode: "adopt" }, kserve: install };
    expect(releasesOf(some)).toEqual(["40 keda", "90 kserve-crd", "91 kserve-resources"]);
    expect(objectsOf(some)).toEqual(["Namespace /kserve"]);
    expect(platformManifests({ distribution: "kubernetes" })).toEqual({ objects: [], releases: [], notes: [] });
  });
});

describe("on OpenShift", () => {
  test("of an operator that is adopted only its resource is written, as OLM's objects are somebody else's", () => {
    expect(objectsOf({ distribution: "openshift", keda: { mode: "adopt" } })).toEqual([
      "KedaController openshift-keda/keda",
    ]);
  });

  test("what ConfigMaps of others need is said", () => {
    const notes = (prometheus: ServingPlatformOptions["prometheus"]) =>
      platformManifests({ distribution: "openshift", prometheus }).notes;
    const because = "It is not written, because a manifest would replace what others have in it.";
    const enabled = `ConfigMap openshift-monitoring/cluster-monitoring-config needs enableUserWorkload: true in its config.yaml. ${because}`;
    expect(notes(install)).toEqual([enabled]);
    expect(notes({ ...install, retention: "7d" })).toEqual([
      enabled,
      `ConfigMap openshift-user-workload-monitoring/user-workload-monitoring-config needs prometheus.retention: 7d in its config.yaml. ${because}`,
    ]);
  });

  test("are operators by OLM with their resources, which no stack has made", () => {
    const options: ServingPlatformOptions = { ...everything, distribution: "openshift" };
    expect(objectsOf(options)).toEqual([
      "Namespace /cert-manager-operator",
      "OperatorGroup cert-manager-operator/openshift-cert-manager-operator",
      "Subscription cert-manager-operator/openshift-cert-manager-operator",
      "Namespace /openshift-nfd",
      "OperatorGroup openshift-nfd/nfd",
      "Subscription openshift-nfd/nfd",
      "NodeFeatureDiscovery openshift-nfd/nfd-instance",
      "Namespace /nvidia-gpu-operator",
      "OperatorGroup nvidia-gpu-operator/gpu-operator-certified",
      "Subscription nvidia-gpu-operator/gpu-operator-certified",
      "ClusterPolicy /gpu-cluster-policy",
      "Namespace /openshift-keda",
      "OperatorGroup openshift-keda/openshift-custom-metrics-autoscaler-operator",
      "Subscription openshift-keda/openshift-custom-metrics-autoscaler-operator",
      "KedaController openshift-keda/keda",
      "Namespace /openshift-serverless",
      "OperatorGroup openshift-serverless/serverless-operator",
      "Subscription openshift-serverless/serverless-operator",
      "Namespace /knative-serving",
      "KnativeServing knative-serving/knative-serving",
      "Namespace /redhat-ods-operator",
      "OperatorGroup redhat-ods-operator/rhods-operator",
      "Subscription redhat-ods-operator/rhods-operator",
      "DSCInitialization /default-dsci",
      "DataScienceCluster /default-dsc",
    ]);
    expect(releasesOf(options)).toEqual(["50 keda-add-ons-http"]);
    expect(JSON.stringify(platformManifests(options))).not.toContain("made-by");
  });

  test("leave configuration that others share to whoever applies them, and say so", () => {
    expect(platformManifests({ distribution: "openshift", prometheus: install })).toEqual({
      objects: [],
      releases: [],
      notes: [expect.stringContaining("openshift-monitoring/cluster-monitoring-config needs enableUserWorkload: true")],
    });
  });

  const serverless: ServingPlatformOptions = {
    distribution: "openshift",
    knative: { ...install, longestRequestSeconds: 900 },
    serviceMesh: install,
    authorino: install,
    kserve: { ...install, productVersion: "2.22.0", serverless: true },
  };

  test("leave Knative Serving to OpenShift AI 2, and say what it lacks", () => {
    const objects = objectsOf(serverless);
    expect(objects).toEqual([
      "Namespace /openshift-serverless",
      "OperatorGroup openshift-serverless/serverless-operator",
      "Subscription openshift-serverless/serverless-operator",
      "Namespace /knative-serving",
      "Subscription openshift-operators/servicemeshoperator",
      "Subscription openshift-operators/authorino-operator",
      "Namespace /redhat-ods-operator",
      "OperatorGroup redhat-ods-operator/rhods-operator",
      "Subscription redhat-ods-operator/rhods-operator",
      "DSCInitialization /default-dsci",
      "DataScienceCluster /default-dsc",
    ]);
    expect(new Set(objects).size).toBe(objects.length);
    const { notes } = platformManifests(serverless);
    expect(notes).toEqual([
      expect.stringMatching(
        /^KnativeServing knative-serving\/knative-serving is made by OpenShift AI\. .*--type merge -p '\{"spec":\{"config":\{"defaults":\{"max-revision-timeout-seconds":"900"/,
      ),
    ]);
  });

  test("make no OperatorGroup where the cluster has one", () => {
    expect(objectsOf(serverless).filter((object) => object.includes("openshift-operators"))).toEqual([
      "Subscription openshift-operators/servicemeshoperator",
      "Subscription openshift-operators/authorino-operator",
    ]);
  });
});
