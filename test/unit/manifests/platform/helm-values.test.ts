import { describe, expect, test } from "vitest";
import { certManagerValues } from "../../../../src/manifests/platform/cert-manager-values";
import { gpuOperatorValues } from "../../../../src/manifests/platform/gpu-operator-values";
import { httpAddOnValues } from "../../../../src/manifests/platform/http-add-on-values";
import { kedaValues } from "../../../../src/manifests/platform/keda-values";
import { knativeServing } from "../../../../src/manifests/platform/knative";
import { kserveRuntimes, kserveRuntimeValues, kserveValues } from "../../../../src/manifests/platform/kserve-values";
import { prometheusStackValues } from "../../../../src/manifests/platform/prometheus-stack-values";

describe("GPU operator", () => {
  test("brings driver and node feature discovery by default, and shares no GPU", () => {
    expect(gpuOperatorValues({})).toStrictEqual({ nfd: { enabled: true }, driver: { enabled: true } });
  });

  test("leaves alone what the nodes and the cluster have", () => {
    expect(gpuOperatorValues({ driver: "node", nodeFeatureDiscovery: false })).toStrictEqual({
      nfd: { enabled: false },
      driver: { enabled: false },
    });
  });

  test("tolerates further taints beside those of the chart, which a list replaces", () => {
    const ours = { key: "llm", operator: "Equal", value: "yes", effect: "NoExecute", tolerationSeconds: 60 };
    const gpu = { key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" };
    const controlPlane = {
      key: "node-role.kubernetes.io/control-plane",
      operator: "Equal",
      value: "",
      effect: "NoSchedule",
    };
    expect(gpuOperatorValues({ tolerations: [ours] })).toStrictEqual({
      nfd: { enabled: true },
      driver: { enabled: true },
      daemonsets: { tolerations: [gpu, ours] },
      "node-feature-discovery": { worker: { tolerations: [controlPlane, gpu, ours] } },
    });
    expect(gpuOperatorValues({ tolerations: [ours], nodeFeatureDiscovery: false })).toStrictEqual({
      nfd: { enabled: false },
      driver: { enabled: true },
      daemonsets: { tolerations: [gpu, ours] },
    });
  });

  test("slices GPUs of labelled nodes only", () => {
    const { devicePlugin } = gpuOperatorValues({ timeSlices: 4 });
    expect(devicePlugin).toStrictEqual({
      config: {
        create: true,
        name: "device-plugin-config",
        default: "exclusive",
        data: {
          exclusive: "version: v1\n",
          shared:
            "version: v1\nsharing:\n  timeSlicing:\n    resources:\n      - name: nvidia.com/gpu\n        replicas: 4\n",
        },
      },
    });
  });
});

test("KEDA's definitions stay when it goes, with everybody's ScaledObjects", () => {
  expect(kedaValues("operator")).toStrictEqual({
    crds: { additionalAnnotations: { "helm.sh/resource-policy": "keep" } },
    serviceAccount: { operator: { name: "operator" } },
  });
});

describe("HTTP add-on", () => {
  test("lets the interceptor wait and drain for the longest request (traps 60, 62)", () => {
    expect(httpAddOnValues("kubernetes", {})).toStrictEqual({
      interceptor: { responseHeaderTimeout: "600s", drainTimeout: "600s", terminationGracePeriodSeconds: 615 },
    });
    expect(httpAddOnValues("kubernetes", { longestRequestSeconds: 45 })).toStrictEqual({
      interceptor: { responseHeaderTimeout: "45s", drainTimeout: "45s", terminationGracePeriodSeconds: 60 },
    });
  });

  test("asks for no group on OpenShift (trap 47)", () => {
    expect(httpAddOnValues("openshift", {}).podSecurityContext).toStrictEqual({
      operator: { runAsNonRoot: true },
      scaler: { runAsNonRoot: true },
      interceptor: { runAsNonRoot: true },
    });
  });
});

test("cert-manager's definitions stay when it goes", () => {
  expect(certManagerValues()).toStrictEqual({ crds: { enabled: true, keep: true } });
});

describe("KServe", () => {
  test("makes plain Deployments and no Ingress, and asks for no Istio (trap 45)", () => {
    expect(kserveValues()).toStrictEqual({
      kserve: {
        controller: {
          deploymentMode: "Standard",
          gateway: { disableIngressCreation: true, disableIstioVirtualHost: true },
        },
      },
    });
  });

  test("names the runtimes of each release", () => {
    expect(kserveRuntimes("0.17.0")).toHaveLength(11);
    expect(kserveRuntimes("0.19.0")).not.toContain("vllmserver");
    expect(kserveRuntimes("0.20.0")).toHaveLength(13);
  });

  test("switches off every runtime that is not wanted, and pins vLLM's image", () => {
    const off = { disabled: true };
    expect(kserveRuntimeValues("0.20.0", ["vllmserver", "huggingfaceserver"])).toStrictEqual({
      kserve: {
        servingruntime: {
          enabled: true,
          autogluonserver: off,
          huggingfaceserver: { disabled: false },
          lgbserver: off,
          mlserver: off,
          paddleserver: off,
          pmmlserver: off,
          predictiveserver: off,
          sklearnserver: off,
          tensorflow: off,
          torchserve: off,
          tritonserver: off,
          vllmserver: { disabled: false, tag: "v0.30.0" },
          xgbserver: off,
        },
      },
    });
  });
});

describe("monitoring stack", () => {
  test("reads all monitors, and brings neither Grafana nor Alertmanager", () => {
    expect(prometheusStackValues({})).toStrictEqual({
      prometheus: {
        prometheusSpec: {
          podMonitorSelectorNilUsesHelmValues: false,
          serviceMonitorSelectorNilUsesHelmValues: false,
          ruleSelectorNilUsesHelmValues: false,
        },
      },
      grafana: { enabled: false },
      alertmanager: { enabled: false },
    });
  });

  test("keeps metrics on a volume", () => {
    const { prometheus } = prometheusStackValues({ retention: "2d", storage: "50Gi", storageClassName: "fast" });
    expect(prometheus).toMatchObject({
      prometheusSpec: {
        retention: "2d",
        storageSpec: {
          volumeClaimTemplate: {
            spec: {
              accessModes: ["ReadWriteOnce"],
              resources: { requests: { storage: "50Gi" } },
              storageClassName: "fast",
            },
          },
        },
      },
    });
  });
});

test("Knative Serving has a gateway without a mesh, takes GPU pods with weights and waits for long generations (trap 56)", () => {
  expect(knativeServing({ longestRequestSeconds: 900 })).toStrictEqual({
    apiVersion: "operator.knative.dev/v1beta1",
    kind: "KnativeServing",
    metadata: {
      name: "knative-serving",
      namespace: "knative-serving",
      annotations: { "pulumi.com/waitFor": "condition=Ready" },
    },
    spec: {
      version: "1.21.1",
      ingress: { kourier: { enabled: true } },
      config: {
        network: { "ingress-class": "kourier.ingress.networking.knative.dev" },
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
});

test("Knative Serving that is adopted keeps its version and its ingress", () => {
  const { spec } = knativeServing({ mode: "adopt", longestRequestSeconds: 900 });
  expect(Object.keys(spec)).toEqual(["config"]);
  expect(Object.keys(spec.config)).toEqual(["defaults", "features"]);
  expect(spec.config.defaults["max-revision-timeout-seconds"]).toBe("900");
});
