import { describe, expect, test } from "vitest";
import { namespace } from "../../../../src/manifests/namespace";
import type { PlatformGpus } from "../../../../src/manifests/platform/gpu-operator";
import { customMetricsAutoscaler, kedaController } from "../../../../src/manifests/platform/keda";
import { kserveProblems, resolveKServe } from "../../../../src/manifests/platform/kserve";
import {
  certManagerOperator,
  certManagerParts,
} from "../../../../src/manifests/platform/openshift/cert-manager-operator";
import {
  certifiedGpuOperator,
  clusterPolicy,
  nodeFeatureDiscovery,
  nodeFeatureDiscoveryOperator,
} from "../../../../src/manifests/platform/openshift/gpu-nodes";
import {
  dataScienceCluster,
  dscInitialization,
  kserveParts,
  openDataHubOperator,
} from "../../../../src/manifests/platform/openshift/open-data-hub";
import {
  authorinoOperator,
  serverlessModeProblems,
  serverlessOperator,
  serverlessServing,
  serviceMeshOperator,
} from "../../../../src/manifests/platform/openshift/serverless";
import { operatorsNamespace } from "../../../../src/manifests/platform/operator";
import { Distribution } from "../../../../src/manifests/platform/piece";
import { platformProblems } from "../../../../src/manifests/platform-reference";

/** Package, channel, catalog, namespace, and what its OperatorGroup selects. */
const facts = (operator: ReturnType<typeof certifiedGpuOperator>) => [
  operator.package,
  operator.channel,
  operator.catalog,
  operator.namespace,
  operator.targetNamespaces ?? "all",
];

test("where each operator comes from", () => {
  expect(
    [
      customMetricsAutoscaler({}),
      nodeFeatureDiscoveryOperator({}),
      certifiedGpuOperator({}),
      certManagerOperator({}),
      serverlessOperator(undefined),
      serviceMeshOperator(undefined),
      authorinoOperator(undefined),
      openDataHubOperator({}),
      openDataHubOperator({ productVersion: "2.22.0" }),
      openDataHubOperator({ product: "openDataHub" }),
      openDataHubOperator({ product: "openDataHub", productVersion: "2.33.0" }),
    ].map(facts),
  ).toEqual([
    ["openshift-custom-metrics-autoscaler-operator", "stable", "redhat-operators", "openshift-keda", "all"],
    ["nfd", "stable", "redhat-operators", "openshift-nfd", ["openshift-nfd"]],
    ["gpu-operator-certified", "v26.7", "certified-operators", "nvidia-gpu-operator", ["nvidia-gpu-operator"]],
    [
      "openshift-cert-manager-operator",
      "stable-v1",
      "redhat-operators",
      "cert-manager-operator",
      ["cert-manager-operator"],
    ],
    ["serverless-operator", "stable", "redhat-operators", "openshift-serverless", "all"],
    ["servicemeshoperator", "stable", "redhat-operators", "openshift-operators", "all"],
    ["authorino-operator", "stable", "redhat-operators", "openshift-operators", "all"],
    ["rhods-operator", "stable-3.x", "redhat-operators", "redhat-ods-operator", "all"],
    ["rhods-operator", "stable-2.22", "redhat-operators", "redhat-ods-operator", "all"],
    ["opendatahub-operator", "fast", "community-operators", "opendatahub-operator-system", "all"],
    ["opendatahub-operator", "fast", "community-operators", "opendatahub-operator-system", "all"],
  ]);
});

test("only namespaces of KEDA and the GPU operator are read by the cluster's own Prometheus (trap 44)", () => {
  const label = { "app.kubernetes.io/part-of": "vllm-serving", "openshift.io/cluster-monitoring": "true" };
  expect(operatorsNamespace(customMetricsAutoscaler({})).metadata).toEqual({ name: "openshift-keda", labels: label });
  expect(operatorsNamespace(certifiedGpuOperator({})).metadata).toEqual({ name: "nvidia-gpu-operator", labels: label });
  expect(operatorsNamespace(certManagerOperator({})).metadata.labels).toEqual({
    "app.kubernetes.io/part-of": "vllm-serving",
  });
  expect(namespace("models").metadata).toEqual({
    name: "models",
    labels: { "app.kubernetes.io/part-of": "vllm-serving" },
  });
});

test("KedaController", () => {
  expect(kedaController("openshift-keda")).toEqual({
    apiVersion: "keda.sh/v1alpha1",
    kind: "KedaController",
    metadata: {
      name: "keda",
      namespace: "openshift-keda",
      annotations: { "pulumi.com/waitFor": "jsonpath={.status.phase}=Installation Succeeded" },
    },
    spec: { watchNamespace: "" },
  });
});

describe("GPU nodes", () => {
  const tolerations = [{ key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" }];

  test("are found by node feature discovery, tainted ones too", () => {
    expect(nodeFeatureDiscovery({})).toEqual({
      apiVersion: "nfd.openshift.io/v1",
      kind: "NodeFeatureDiscovery",
      metadata: {
        name: "nfd-instance",
        namespace: "openshift-nfd",
        annotations: { "pulumi.com/waitFor": "condition=Available" },
      },
      spec: {
        operand: { servicePort: 12000, workerTolerations: tolerations },
        workerConfig: {
          configData: `core:
  sleepInterval: 60s
sources:
  pci:
    deviceClassWhitelist: ["0200", "03", "12"]
    deviceLabelFields: ["vendor"]
`,
        },
      },
    });
  });

  test("that are adopted keep what their owner decided, but for what is given", () => {
    expect(clusterPolicy({ mode: "adopt" }).spec).toEqual({});
    expect(nodeFeatureDiscovery({ mode: "adopt" }).spec).toEqual({});
    const toleration = { key: "gpu", operator: "Exists", effect: "NoSchedule" };
    const given: PlatformGpus = {
      mode: "adopt",
      tolerations: [toleration],
      driver: "node",
      serviceMonitorLabels: { release: "prometheus" },
    };
    expect(clusterPolicy(given).spec).toEqual({
      daemonsets: { tolerations: [toleration] },
      driver: { enabled: false },
      dcgmExporter: { serviceMonitor: { additionalLabels: { release: "prometheus" } } },
    });
    expect(nodeFeatureDiscovery(given).spec).toEqual({ operand: { workerTolerations: [toleration] } });
  });

  test("get drivers and metrics from the ClusterPolicy, and no time-slicing", () => {
    const enabled = { enabled: true };
    expect(clusterPolicy({})).toEqual({
      apiVersion: "nvidia.com/v1",
      kind: "ClusterPolicy",
      metadata: { name: "gpu-cluster-policy", annotations: { "pulumi.com/waitFor": "jsonpath={.status.state}=ready" } },
      spec: {
        operator: { use_ocp_driver_toolkit: true },
        daemonsets: { tolerations, updateStrategy: "RollingUpdate", rollingUpdate: { maxUnavailable: "1" } },
        cdi: enabled,
        driver: enabled,
        toolkit: enabled,
        devicePlugin: enabled,
        dcgm: enabled,
        dcgmExporter: { enabled: true, serviceMonitor: enabled },
        gfd: enabled,
        nodeStatusExporter: enabled,
        mig: { strategy: "single" },
        migManager: enabled,
        sandboxWorkloads: { enabled: false },
      },
    });
  });

  test("with another taint, a driver of their own, and a Prometheus that selects by label", () => {
    const own = { key: "gpu", operator: "Equal", value: "l4", effect: "NoExecute" };
    const given = { tolerations: [own], driver: "node", serviceMonitorLabels: { team: "a" } } as const;
    expect(clusterPolicy({ ...given, tolerations: [own] }).spec).toMatchObject({
      daemonsets: { tolerations: [...tolerations, own] },
      driver: { enabled: false },
      dcgmExporter: { serviceMonitor: { enabled: true, additionalLabels: { team: "a" } } },
    });
    expect(nodeFeatureDiscovery({ tolerations: [own] }).spec).toMatchObject({
      operand: { workerTolerations: [...tolerations, own] },
    });
  });
});

test("settings of the other distribution are refused", () => {
  const lines = (options: Parameters<typeof platformProblems>[0]) =>
    platformProblems(options).map(({ path, message }) => `${path} ${message}`);
  expect(
    lines({
      distribution: Distribution.OpenShift,
      prometheus: { mode: "install", storage: "50Gi" },
      gpus: { mode: "install", timeSlices: 4 },
    }),
  ).toEqual([
    "prometheus.storage is given, but on openshift the volume is set in user-workload-monitoring-config: leave it out.",
    "gpus.timeSlices is given, but on openshift a GPU belongs to one pod: leave it out.",
  ]);
  expect(
    lines({
      distribution: Distribution.Kubernetes,
      prometheus: { url: "http://prometheus:9090" },
      kserve: { product: "openDataHub", productVersion: "2.33.0", serverless: true },
      gpus: { mode: "install", nodeFeatureDiscoveryOperator: { catalog: "mirror" } },
    }),
  ).toEqual([
    "kserve.product is given, but it is OpenShift's: leave it out.",
    "kserve.productVersion is given, but it is OpenShift's: leave it out.",
    "kserve.serverless is given, but it is OpenShift's: leave it out.",
    "gpus.nodeFeatureDiscoveryOperator is given, but on kubernetes the chart brings node feature discovery: leave it out.",
  ]);
});

test("Knative Serving and cert-manager's parts", () => {
  expect(serverlessServing({ longestRequestSeconds: 900 })).toEqual({
    apiVersion: "operator.knative.dev/v1beta1",
    kind: "KnativeServing",
    metadata: {
      name: "knative-serving",
      namespace: "knative-serving",
      annotations: { "pulumi.com/waitFor": "condition=Ready" },
    },
    spec: {
      config: {
        defaults: {
          "max-revision-timeout-seconds": "900",
          "revision-timeout-seconds": "900",
          "revision-response-start-timeout-seconds": "900",
        },
        features: {
          "kubernetes.podspec-nodeselector": "enabled",
          "kubernetes.podspec-tolerations": "enabled",
          "kubernetes.podspec-persistent-volume-claim": "enabled",
          "kubernetes.podspec-persistent-volume-write": "enabled",
        },
      },
    },
  });
  expect(certManagerParts.map(({ namespace, name, condition }) => `${namespace}/${name} ${condition}`)).toEqual([
    "cert-manager/cert-manager Available",
    "cert-manager/cert-manager-cainjector Available",
    "cert-manager/cert-manager-webhook Available",
  ]);
});

describe("OpenShift AI and Open Data Hub", () => {
  const annotations = { "pulumi.com/waitFor": "jsonpath={.status.phase}=Ready" };
  const trustedCABundle = { managementState: "Managed" };

  test("of today", () => {
    expect(dscInitialization({})).toEqual({
      apiVersion: "dscinitialization.opendatahub.io/v2",
      kind: "DSCInitialization",
      metadata: { name: "default-dsci", annotations },
      spec: {
        applicationsNamespace: "redhat-ods-applications",
        monitoring: { managementState: "Managed", namespace: "redhat-ods-monitoring" },
        trustedCABundle,
      },
    });
    expect(dataScienceCluster({})).toEqual({
      apiVersion: "datasciencecluster.opendatahub.io/v2",
      kind: "DataScienceCluster",
      metadata: { name: "default-dsc", annotations },
      spec: {
        components: {
          dashboard: { managementState: "Managed" },
          kserve: { managementState: "Managed", rawDeploymentServiceConfig: "Headed" },
        },
      },
    });
    expect(kserveParts({}).map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`)).toEqual([
      "Deployment redhat-ods-applications/kserve-controller-manager",
      "Deployment redhat-ods-applications/odh-model-controller",
      "ConfigMap redhat-ods-applications/inferenceservice-config",
    ]);
  });

  test("of version 2, with plain Deployments", () => {
    const given = { product: "openDataHub", productVersion: "2.33.0" } as const;
    expect(dscInitialization(given)).toEqual({
      apiVersion: "dscinitialization.opendatahub.io/v1",
      kind: "DSCInitialization",
      metadata: { name: "default-dsci", annotations },
      spec: {
        applicationsNamespace: "opendatahub",
        monitoring: { managementState: "Managed", namespace: "opendatahub" },
        trustedCABundle,
        serviceMesh: { managementState: "Removed" },
      },
    });
    expect(dataScienceCluster(given).spec.components.kserve).toEqual({
      managementState: "Managed",
      rawDeploymentServiceConfig: "Headed",
      defaultDeploymentMode: "RawDeployment",
      serving: { managementState: "Removed", name: "knative-serving" },
    });
  });

  test("of version 2, through Knative", () => {
    const given = { productVersion: "2.22.0", serverless: true };
    expect(dscInitialization(given).spec).toMatchObject({
      serviceMesh: {
        managementState: "Managed",
        controlPlane: { name: "data-science-smcp", namespace: "istio-system", metricsCollection: "Istio" },
      },
    });
    expect(dataScienceCluster(given).spec.components.kserve).toEqual({
      managementState: "Managed",
      rawDeploymentServiceConfig: "Headed",
      defaultDeploymentMode: "Serverless",
      serving: {
        managementState: "Managed",
        name: "knative-serving",
        ingressGateway: { certificate: { type: "OpenshiftDefaultIngress" } },
      },
    });
  });

  describe("that is adopted", () => {
    const adopt = { mode: "adopt" };
    const written = (given: Parameters<typeof dataScienceCluster>[0]) => ({
      initialization: dscInitialization(given).spec,
      cluster: dataScienceCluster(given).spec,
    });

    test.each([
      ["of today", {}],
      ["of version 2", { productVersion: "2.22.0" }],
    ])("%s has KServe switched on, and nothing else written", (_, given) => {
      expect(written({ ...adopt, ...given })).toEqual({
        initialization: { applicationsNamespace: "redhat-ods-applications" },
        cluster: { components: { kserve: { managementState: "Managed" } } },
      });
    });

    test("serves through Knative too if it is asked for", () => {
      expect(written({ ...adopt, productVersion: "2.22.0", serverless: true })).toEqual({
        initialization: {
          applicationsNamespace: "redhat-ods-applications",
          serviceMesh: { managementState: "Managed" },
        },
        cluster: { components: { kserve: { managementState: "Managed", serving: { managementState: "Managed" } } } },
      });
    });
  });

  test("leaves alone what exists of Knative and of the mesh", () => {
    const given = { productVersion: "2.22.0", serverless: true, knativeMode: "existing", serviceMeshMode: "existing" };
    expect(dscInitialization(given).spec).toMatchObject({ serviceMesh: { managementState: "Unmanaged" } });
    expect(dataScienceCluster(given).spec.components.kserve).toMatchObject({
      defaultDeploymentMode: "Serverless",
      serving: { managementState: "Unmanaged" },
    });
    const adopted = { ...given, mode: "adopt" };
    expect(dscInitialization(adopted).spec).toEqual({ applicationsNamespace: "redhat-ods-applications" });
    expect(dataScienceCluster(adopted).spec.components).toEqual({ kserve: { managementState: "Managed" } });
  });

  describe("beside other pieces that a component of its own is told of", () => {
    const lines = (given: Parameters<typeof serverlessModeProblems>[0], mode = "install") =>
      serverlessModeProblems({ serverless: true, ...given }, mode).map(({ path, message }) => `${path} ${message}`);

    test.each(["install", "adopt", "existing"])("knativeMode %s", (knativeMode) => {
      expect(lines({ knativeMode, serviceMeshMode: "adopt", longestRequestSeconds: 900 })).toEqual([]);
    });

    test("unknown modes", () => {
      expect(lines({ knativeMode: "managed", serviceMeshMode: "none" })).toEqual([
        'knativeMode is "managed"; take one of install, adopt, existing.',
        'serviceMeshMode is "none"; take one of install, adopt, existing.',
      ]);
    });

    test.each([{}, { knativeMode: "adopt" }])(
      "a mesh that exists, in which no Knative Serving is made: %j",
      (given) => {
        expect(lines({ ...given, serviceMeshMode: "existing" })).toEqual([
          `serviceMeshMode is "existing", but knativeMode is "${given.knativeMode ?? "install"}": OpenShift AI makes Knative Serving only in a mesh that it makes too. Take "adopt" where the mesh's operator is there, or knativeMode "existing".`,
        ]);
      },
    );

    test("a request that may not last", () => {
      expect(lines({ longestRequestSeconds: 0 })).toEqual([
        "longestRequestSeconds is 0; it must be a whole number of at least 1.",
      ]);
    });

    test("where nobody uses them", () => {
      const unused = (setting: string) =>
        `${setting} is given, but only an OpenShift AI that is installed or adopted with serverless uses it: leave it out.`;
      expect(lines({ knativeMode: "install", serverless: false })).toEqual([unused("knativeMode")]);
      expect(lines({ serviceMeshMode: "install", longestRequestSeconds: 9 }, "existing")).toEqual(
        ["serviceMeshMode", "longestRequestSeconds"].map(unused),
      );
    });
  });

  test("the KServe inside decides how an InferenceService is spelt", () => {
    const version = (given: Parameters<typeof resolveKServe>[1]) =>
      resolveKServe(Distribution.OpenShift, given).version;
    expect(version({})).toBe("0.17.0");
    expect(version({ productVersion: "2.22.0" })).toBe("0.15.0");
    expect(version({ productVersion: "2.22.0", version: "0.15.2" })).toBe("0.15.2");
  });

  test("that cannot be", () => {
    const lines = (given: Parameters<typeof kserveProblems>[1]) =>
      kserveProblems(Distribution.OpenShift, given).map(({ path, message }) => `${path} ${message}`);
    expect(lines({ serverless: true })).toEqual([
      "kserve.serverless is true, but 3.5.0 serves with plain Deployments only. Leave it out, or take a version before 3.0.0.",
    ]);
    expect(lines({ productVersion: "1.9.0" })).toEqual([
      "kserve.productVersion is 1.9.0; the oldest one supported is 2.0.0.",
    ]);
    expect(lines({ productVersion: "3" })).toEqual([
      'kserve.productVersion is "3"; write a release as major.minor.patch, e.g. 3.5.0.',
    ]);
    expect(lines({ productVersion: "2.22.0", serverless: true })).toEqual([]);
  });
});
