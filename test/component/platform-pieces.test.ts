import * as k8s from "@pulumi/kubernetes";
import { describe, expect, test } from "vitest";
import { CertManager, GpuOperator, Keda, KnativeServing, KServe, Monitoring, ServingPlatform } from "../../src";
import { messageOf, outputValue, type RecordedProgram, record, resource, secretValue } from "./recorded-program";

const openshift = { distribution: "openshift", kubeconfig: "{}" } as const;
const installation = "pulumi-nodejs:dynamic/vllm-serving:OlmInstallation";
const readyObjects = "pulumi-nodejs:dynamic/vllm-serving:ReadyObjects";
const mergedConfigMap = "pulumi-nodejs:dynamic/vllm-serving:MergedConfigMap";

/** Type and name of every resource but the component, without the component's type in front. */
const children = (program: RecordedProgram<unknown>) =>
  [...program.resources.values()]
    .filter(({ type }) => !type.startsWith("vllm-serving:") && !type.startsWith("pulumi:"))
    .map(({ type, name }) => `${type} ${name}`)
    .sort();

/** Names of what a child waits for. */
const waitsFor = (program: RecordedProgram<unknown>, component: string, child: string) =>
  resource(program, `vllm-serving:index:${component}$${child}`).dependencies.map((urn) => urn.split("::").at(-1));

describe("the Custom Metrics Autoscaler", () => {
  test("installed: namespace, operator, controller, and then its metrics", async () => {
    const program = await record(() => new Keda("keda", { ...openshift, mode: "install" }));
    expect(children(program)).toEqual([
      "kubernetes:core/v1:Namespace keda-operator-namespace",
      "kubernetes:keda.sh/v1alpha1:KedaController keda-controller",
      `${installation} keda-operator`,
      `${readyObjects} keda-metrics`,
    ]);
    expect(waitsFor(program, "Keda", `${installation}::keda-operator`)).toEqual(["keda-operator-namespace"]);
    expect(waitsFor(program, "Keda", "kubernetes:keda.sh/v1alpha1:KedaController::keda-controller")).toEqual([
      "keda-operator",
    ]);
    expect(waitsFor(program, "Keda", `${readyObjects}::keda-metrics`)).toEqual(["keda-controller", "keda-operator"]);

    const operator = resource(program, `vllm-serving:index:Keda$${installation}::keda-operator`).inputs;
    expect(operator).toEqual({
      operation: "olmOperator",
      adopt: false,
      madeBy: "project/stack/keda-operator",
      kubeconfig: secretValue("{}"),
      timeoutSeconds: 900,
      operator: {
        package: "openshift-custom-metrics-autoscaler-operator",
        namespace: "openshift-keda",
        channel: "stable",
        catalog: "redhat-operators",
        catalogNamespace: "openshift-marketplace",
        monitored: true,
      },
      __provider: expect.stringContaining("dist/cluster/provider.js"),
    });
    expect(await outputValue(program.result.namespace)).toBe("openshift-keda");
    expect(await outputValue(program.result.kept)).toEqual([
      "The custom resource definitions of the Custom Metrics Autoscaler, with the objects of others in them: OLM leaves them.",
    ]);
  });

  test("adopted: what is there is patched, and nothing is removed on destroy", async () => {
    const program = await record(() => new Keda("keda", { ...openshift, mode: "adopt" }));
    expect(children(program)).toEqual([
      "kubernetes:core/v1:NamespacePatch keda-operator-namespace",
      "kubernetes:keda.sh/v1alpha1:KedaControllerPatch keda-controller",
      `${installation} keda-operator`,
      `${readyObjects} keda-metrics`,
    ]);
    const kept = [...program.resources.values()].filter(({ retainOnDelete }) => retainOnDelete).map(({ name }) => name);
    expect(kept.sort()).toEqual(["keda-controller", "keda-operator-namespace"]);
    expect(await outputValue(program.result.kept)).toEqual([
      "What was there of keda: it was adopted, not made.",
      "The custom resource definitions of the Custom Metrics Autoscaler, with the objects of others in them: OLM leaves them.",
    ]);
    const { adopt } = resource(program, `vllm-serving:index:Keda$${installation}::keda-operator`).inputs;
    expect(adopt).toBe(true);
  });

  test("existing: only read", async () => {
    const program = await record(() => new Keda("keda", { ...openshift }));
    expect(children(program)).toEqual([]);
    expect(program.read.map(({ id }) => id)).toEqual(["scaledobjects.keda.sh"]);
  });
});

test("GPUs: nodes are labelled before the operator looks for them, and the policy comes last", async () => {
  const program = await record(() => new GpuOperator("gpus", { ...openshift, mode: "install" }));
  expect(children(program)).toEqual([
    "kubernetes:core/v1:Namespace gpus-nfd-operator-namespace",
    "kubernetes:core/v1:Namespace gpus-operator-namespace",
    "kubernetes:nfd.openshift.io/v1:NodeFeatureDiscovery gpus-nfd",
    "kubernetes:nvidia.com/v1:ClusterPolicy gpus-policy",
    `${installation} gpus-nfd-operator`,
    `${installation} gpus-operator`,
  ]);
  expect(waitsFor(program, "GpuOperator", `${installation}::gpus-operator`)).toEqual([
    "gpus-operator-namespace",
    "gpus-nfd",
    "gpus-nfd-operator",
  ]);
  const policy = resource(
    program,
    "vllm-serving:index:GpuOperator$kubernetes:nvidia.com/v1:ClusterPolicy::gpus-policy",
  );
  expect(policy.timeouts?.create).toBe("2700s");
});

test("GPUs beside a node feature discovery that is there", async () => {
  const program = await record(
    () => new GpuOperator("gpus", { ...openshift, mode: "install", nodeFeatureDiscovery: false }),
  );
  expect(children(program)).toEqual([
    "kubernetes:core/v1:Namespace gpus-operator-namespace",
    "kubernetes:nvidia.com/v1:ClusterPolicy gpus-policy",
    `${installation} gpus-operator`,
  ]);
});

test("cert-manager: its three parts are waited for", async () => {
  const program = await record(() => new CertManager("certs", { ...openshift, mode: "install" }));
  expect(children(program)).toEqual([
    "kubernetes:core/v1:Namespace certs-operator-namespace",
    `${installation} certs-operator`,
    `${readyObjects} certs-parts`,
  ]);
});

test("Knative Serving: in a namespace that the operator does not make", async () => {
  const program = await record(() => new KnativeServing("knative", { ...openshift, mode: "install" }));
  expect(children(program)).toEqual([
    "kubernetes:core/v1:Namespace knative-operator-namespace",
    "kubernetes:core/v1:Namespace knative-serving-namespace",
    "kubernetes:operator.knative.dev/v1beta1:KnativeServing knative-serving",
    `${installation} knative-operator`,
  ]);
});

describe("KServe of OpenShift AI", () => {
  test("of today: the initialization is patched, since the operator makes it", async () => {
    const program = await record(() => new KServe("kserve", { ...openshift, mode: "install" }));
    expect(children(program)).toEqual([
      "kubernetes:core/v1:Namespace kserve-operator-namespace",
      "kubernetes:datasciencecluster.opendatahub.io/v2:DataScienceCluster kserve-components",
      "kubernetes:dscinitialization.opendatahub.io/v2:DSCInitializationPatch kserve-initialization",
      `${installation} kserve-operator`,
      `${readyObjects} kserve-parts`,
    ]);
    const cluster = "kubernetes:datasciencecluster.opendatahub.io/v2:DataScienceCluster::kserve-components";
    expect(waitsFor(program, "KServe", cluster)).toEqual(["kserve-initialization"]);
  });

  test("of version 2 through Knative: the operators it needs come first, one after the other", async () => {
    const program = await record(
      () =>
        new KServe("kserve", {
          ...openshift,
          mode: "install",
          productVersion: "2.22.0",
          serverless: true,
          operator: { catalog: "mirror" },
        }),
    );
    const installations = [...program.resources.values()].filter(({ type }) => type === installation);
    expect(
      installations.map(({ name, inputs, dependencies }) => ({
        name,
        operator: inputs.operator,
        after: dependencies.map((urn) => urn.split("::").at(-1)).filter((one) => !one?.endsWith("-namespace")),
      })),
    ).toEqual([
      {
        name: "kserve-serverless-operator",
        operator: expect.objectContaining({ namespace: "openshift-serverless", catalog: "mirror" }),
        after: [],
      },
      {
        name: "kserve-servicemeshoperator",
        operator: expect.objectContaining({ namespace: "openshift-operators", catalog: "mirror" }),
        after: ["kserve-serverless-operator"],
      },
      {
        name: "kserve-authorino-operator",
        operator: expect.objectContaining({ namespace: "openshift-operators", catalog: "mirror" }),
        after: ["kserve-serverless-operator", "kserve-servicemeshoperator"],
      },
      {
        name: "kserve-operator",
        operator: expect.objectContaining({ channel: "stable-2.22", catalog: "mirror" }),
        after: ["kserve-authorino-operator", "kserve-serverless-operator", "kserve-servicemeshoperator"],
      },
    ]);
  });
});

test("user-workload monitoring: enabled, waited for, and only then configured", async () => {
  const program = await record(() => new Monitoring("monitoring", { ...openshift, mode: "install", retention: "7d" }));
  expect(children(program)).toEqual([
    `${mergedConfigMap} monitoring-user-workload`,
    `${mergedConfigMap} monitoring-user-workload-config`,
    `${readyObjects} monitoring-prometheus`,
  ]);
  const { configMap, settings } = resource(
    program,
    `vllm-serving:index:Monitoring$${mergedConfigMap}::monitoring-user-workload`,
  ).inputs;
  expect({ configMap, settings }).toEqual({
    configMap: { namespace: "openshift-monitoring", name: "cluster-monitoring-config", key: "config.yaml" },
    settings: [{ path: ["enableUserWorkload"], value: true }],
  });
  expect(waitsFor(program, "Monitoring", `${mergedConfigMap}::monitoring-user-workload-config`)).toEqual([
    "monitoring-prometheus",
  ]);
});

describe("a platform that is installed", () => {
  const install = { mode: "install" };

  test("is known at preview, so that models can be previewed with it", async () => {
    const program = await record(
      () => new ServingPlatform("platform", { ...openshift, keda: install, kserve: install, gpus: install }),
      { preview: true },
    );
    expect((await outputValue(program.result.reference)).modes.keda).toBe("install");
  });

  test("gives every Kubernetes object to the cluster's provider", async () => {
    const program = await record(() => {
      const provider = new k8s.Provider("cluster", { kubeconfig: "{}" });
      return new ServingPlatform(
        "platform",
        { ...openshift, keda: install, certManager: install, knative: install, kserve: install, gpus: install },
        { provider },
      );
    });
    const ours = [...program.resources.values()].filter(({ type }) => type.startsWith("kubernetes:"));
    expect(ours).toHaveLength(13);
    expect(new Set(ours.map(({ provider }) => provider))).toEqual(new Set(["cluster"]));
  });

  test("needs the kubeconfig that its provider has", async () => {
    let message = "";
    await record(() => {
      const provider = new k8s.Provider("cluster", { kubeconfig: "{}" });
      try {
        new Keda("keda", { distribution: "openshift", mode: "install" }, { provider });
      } catch (error) {
        message = messageOf(error);
      }
    });
    expect(message).toBe(`Keda "keda" has 1 problem in its arguments:
  kubeconfig: is missing, although a provider is given: waiting for the cluster is done beside it and would go to the ambient cluster. Pass the provider's kubeconfig.`);
  });
});
