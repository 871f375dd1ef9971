import * as k8s from "@pulumi/kubernetes";
import { describe, expect, test } from "vitest";
import { CertManager, GpuOperator, Keda, KnativeServing, KServe, Monitoring, ServingPlatform } from "../../src";
import { messageOf, outputValue, type RecordedProgram, record, resource, secretValue } from "./recorded-program";

const openshift = { distribution: "openshift", kubeconfig: "{}" } as const;
const installation = "pulumi-nodejs:dynamic/vllm-serving:OlmInstallation";
const readyObjects = "pulumi-nodejs:dynamic/vllm-serving:ReadyObjects";
const definitionsGuard = "pulumi-nodejs:dynamic/vllm-serving:DefinitionsGuard";
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
      `${definitionsGuard} keda-guard`,
      `${installation} keda-operator`,
      `${readyObjects} keda-metrics`,
    ]);
    expect(waitsFor(program, "Keda", `${installation}::keda-operator`)).toEqual(["keda-operator-namespace"]);
    expect(waitsFor(program, "Keda", "kubernetes:keda.sh/v1alpha1:KedaController::keda-controller")).toEqual([
      "keda-operator",
    ]);
    expect(waitsFor(program, "Keda", `${readyObjects}::keda-metrics`)).toEqual(["keda-controller", "keda-operator"]);

    expect(waitsFor(program, "Keda", `${definitionsGuard}::keda-guard`)).toEqual([
      "keda-controller",
      "keda-operator",
      "keda-metrics",
    ]);

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
    `${definitionsGuard} knative-guard`,
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
      `${definitionsGuard} kserve-guard`,
      `${installation} kserve-operator`,
      `${readyObjects} kserve-parts`,
    ]);
    const cluster = "kubernetes:datasciencecluster.opendatahub.io/v2:DataScienceCluster::kserve-components";
    expect(waitsFor(program, "KServe", cluster)).toEqual(["kserve-initialization"]);
  });

  test("of version 2 through Knative: the Knative Serving that it makes is told what models need, and waited for", async () => {
    const program = await record(
      () =>
        new KServe("kserve", {
          ...openshift,
          mode: "install",
          productVersion: "2.22.0",
          serverless: true,
          longestRequestSeconds: 900,
        }),
    );
    expect(children(program)).toEqual([
      "kubernetes:core/v1:Namespace kserve-operator-namespace",
      "kubernetes:datasciencecluster.opendatahub.io/v1:DataScienceCluster kserve-components",
      "kubernetes:dscinitialization.opendatahub.io/v1:DSCInitializationPatch kserve-initialization",
      "kubernetes:operator.knative.dev/v1beta1:KnativeServingPatch kserve-serving",
      `${definitionsGuard} kserve-guard`,
      `${installation} kserve-operator`,
      `${readyObjects} kserve-parts`,
    ]);
    const serving = "kubernetes:operator.knative.dev/v1beta1:KnativeServingPatch::kserve-serving";
    expect(waitsFor(program, "KServe", serving)).toEqual(["kserve-components"]);
    const { inputs, retainOnDelete } = resource(program, `vllm-serving:index:KServe$${serving}`);
    expect(inputs).toMatchObject({
      metadata: { name: "knative-serving", namespace: "knative-serving" },
      spec: { config: { defaults: { "max-revision-timeout-seconds": "900" } } },
    });
    expect(retainOnDelete).toBe(true);
    expect(await outputValue(program.result.kept)).toContain(
      "ServiceMeshControlPlane istio-system/data-science-smcp, which OpenShift AI made for that DSCInitialization.",
    );
  });

  test("of version 2 beside a Knative Serving and a mesh that are there: nothing of them is written", async () => {
    const program = await record(
      () =>
        new KServe("kserve", {
          ...openshift,
          mode: "install",
          productVersion: "2.22.0",
          serverless: true,
          knativeMode: "existing",
          serviceMeshMode: "existing",
        }),
    );
    expect(children(program).filter((child) => child.includes("Knative"))).toEqual([]);
    expect((await outputValue(program.result.kept)).join()).not.toContain("ServiceMeshControlPlane");
  });
});

describe("what OpenShift AI 2 needs to serve through Knative", () => {
  const install = { mode: "install" };
  const given = {
    ...openshift,
    knative: install,
    serviceMesh: { ...install, operator: { catalog: "mirror" } },
    authorino: install,
    kserve: { ...install, productVersion: "2.22.0", serverless: true },
  };
  const installations = (program: RecordedProgram<unknown>) =>
    [...program.resources.values()].filter(({ type }) => type === installation);

  test("are operators of their own pieces, and no Knative Serving of ours", async () => {
    const program = await record(() => new ServingPlatform("platform", given));
    expect(children(program).filter((child) => child.includes("knative") || child.includes("mesh"))).toEqual([
      "kubernetes:core/v1:Namespace platform-knative-operator-namespace",
      "kubernetes:core/v1:Namespace platform-knative-serving-namespace",
      "kubernetes:operator.knative.dev/v1beta1:KnativeServingPatch platform-kserve-serving",
      `${definitionsGuard} platform-knative-guard`,
      `${installation} platform-knative-operator`,
      `${installation} platform-service-mesh-operator`,
    ]);
    expect(installations(program).map(({ name, inputs }) => [name, inputs.operator])).toEqual(
      expect.arrayContaining([
        ["platform-knative-operator", expect.objectContaining({ catalog: "redhat-operators" })],
        [
          "platform-service-mesh-operator",
          expect.objectContaining({ namespace: "openshift-operators", catalog: "mirror" }),
        ],
        ["platform-authorino-operator", expect.objectContaining({ namespace: "openshift-operators" })],
      ]),
    );
  });

  test("come one after the other in a namespace, and all of them before OpenShift AI", async () => {
    const program = await record(() => new ServingPlatform("platform", given));
    const waited = (name: string) =>
      (installations(program).find((one) => one.name === name)?.dependencies ?? []).map((urn) =>
        urn.split("::").at(-1),
      );
    expect(waited("platform-authorino-operator")).toContain("platform-service-mesh-operator");
    expect(waited("platform-kserve-operator")).toEqual(
      expect.arrayContaining([
        "platform-knative-operator",
        "platform-service-mesh-operator",
        "platform-authorino-operator",
      ]),
    );
  });

  test("are only looked for where they exist", async () => {
    const existing = { mode: "existing" };
    const program = await record(
      () =>
        new ServingPlatform("platform", { ...given, knative: existing, serviceMesh: existing, authorino: existing }),
    );
    expect(installations(program).map(({ name }) => name)).toEqual(["platform-kserve-operator"]);
    expect(program.read.map(({ id }) => id)).toEqual(
      expect.arrayContaining([
        "services.serving.knative.dev",
        "servicemeshcontrolplanes.maistra.io",
        "authorinos.operator.authorino.kuadrant.io",
      ]),
    );
  });
});

test("Knative's operator alone is OpenShift's", async () => {
  let message = "";
  await record(() => {
    try {
      new KnativeServing("knative", { distribution: "kubernetes", mode: "install", operatorOnly: true });
    } catch (error) {
      message = messageOf(error);
    }
  });
  expect(message).toContain("operatorOnly: is true, but it is OpenShift's: leave it out.");
});

test("a KServe of its own refuses modes that are none", async () => {
  let message = "";
  await record(() => {
    try {
      const product = { productVersion: "2.22.0", serverless: true };
      new KServe("kserve", { ...openshift, mode: "install", ...product, knativeMode: "Existing" });
    } catch (error) {
      message = messageOf(error);
    }
  });
  expect(message).toBe(`KServe "kserve" has 1 problem in its arguments:
  knativeMode: is "Existing"; take one of install, adopt, existing.`);
});

describe("pieces that stay", () => {
  const stays = { mode: "install", retainOnDelete: true };
  const goes = { mode: "install" };
  const profile = { name: "l4" };
  const whole = (distribution: "kubernetes" | "openshift", piece: typeof goes) => ({
    ...{ distribution, kubeconfig: "{}" },
    prometheus: { ...piece, retention: "7d", detectMonitors: false },
    keda: piece,
    kedaHttpAddon: piece,
    certManager: piece,
    knative: piece,
    gpus: piece,
    ...(distribution === "openshift"
      ? {
          serviceMesh: piece,
          authorino: piece,
          kserve: { ...piece, productVersion: "2.22.0", serverless: true, profiles: [profile] },
        }
      : { kserve: { ...piece, runtimes: ["huggingfaceserver"] } }),
  });
  const made = (program: RecordedProgram<unknown>) =>
    [...program.resources.values()].filter(({ type }) => !type.startsWith("vllm-serving:"));

  test.each(["kubernetes", "openshift"] as const)("are retained in all their parts on %s", async (distribution) => {
    const program = await record(() => new ServingPlatform("platform", whole(distribution, stays)));
    expect(program.errors).toEqual([]);
    const parts = made(program);
    expect(parts.filter(({ retainOnDelete }) => !retainOnDelete).map(({ name }) => name)).toEqual([]);
    const other = await record(() => new ServingPlatform("platform", whole(distribution, goes)));
    expect(parts.map(({ urn }) => urn).sort()).toEqual(
      made(other)
        .map(({ urn }) => urn)
        .sort(),
    );
    expect(
      made(other)
        .filter(({ retainOnDelete }) => retainOnDelete)
        .every(({ type }) => type.endsWith("Patch")),
    ).toBe(true);
    const kept = await outputValue(program.result.kept);
    expect(kept.filter((line) => line.endsWith("it has retainOnDelete."))).toEqual(
      [
        ...["prometheus", "certManager", "gpus", "keda", "kedaHttpAddon", "knative"],
        ...(distribution === "openshift" ? ["serviceMesh", "authorino"] : []),
        "kserve",
      ].map((piece) => `All that was made of ${piece}: it has retainOnDelete.`),
    );
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
