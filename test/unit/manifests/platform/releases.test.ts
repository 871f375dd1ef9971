import { describe, expect, test } from "vitest";
import { certManagerProblems, certManagerRelease } from "../../../../src/manifests/platform/cert-manager";
import { gpuOperatorRelease, gpuProblems } from "../../../../src/manifests/platform/gpu-operator";
import { chartOf } from "../../../../src/manifests/platform/helm-release";
import {
  httpAddOnNamespace,
  httpAddOnProblems,
  httpAddOnRelease,
} from "../../../../src/manifests/platform/http-add-on";
import { knativeOperatorRelease, knativeProblems } from "../../../../src/manifests/platform/knative";
import { kserveProblems, kserveReleases } from "../../../../src/manifests/platform/kserve";
import {
  installedPrometheusUrl,
  monitoringProblems,
  prometheusAvailable,
  prometheusStackRelease,
} from "../../../../src/manifests/platform/monitoring";
import { platformWarnings } from "../../../../src/manifests/platform/openshift/support";
import { platformProblems } from "../../../../src/manifests/platform-reference";
import type { Problem } from "../../../../src/policy/policy-input";

describe("where a chart comes from", () => {
  const upstream = { repository: "https://charts.example.com", version: "1.2.3" };

  test("upstream's repository, or the one that is said", () => {
    expect(chartOf("keda", upstream)).toStrictEqual({
      chart: "keda",
      repository: "https://charts.example.com",
      version: "1.2.3",
    });
    expect(chartOf("keda", upstream, { repository: "https://mirror.example.com", version: "1.2.4" })).toStrictEqual({
      chart: "keda",
      repository: "https://mirror.example.com",
      version: "1.2.4",
    });
  });

  test.each(["oci://mirror.example.com/charts", "oci://mirror.example.com/charts/"])("registry %s", (repository) => {
    expect(chartOf("keda", upstream, { repository })).toStrictEqual({
      chart: "oci://mirror.example.com/charts/keda",
      repository: undefined,
      version: "1.2.3",
    });
  });
});

describe("releases", () => {
  test("each has its upstream, its pinned version as upstream writes it, and a namespace", () => {
    const kserve = kserveReleases({ runtimes: ["huggingfaceserver"] });
    const releases = [
      prometheusStackRelease({}),
      certManagerRelease({}),
      gpuOperatorRelease({}),
      httpAddOnRelease("kubernetes", {}, "keda"),
      knativeOperatorRelease({}),
      kserve.definitions,
      kserve.controller,
      kserve.runtimes,
    ];
    expect(
      releases.map((release) =>
        [release?.namespace, release?.name, release?.repository, release?.chart, release?.version].join(" "),
      ),
    ).toEqual([
      "monitoring kube-prometheus-stack https://prometheus-community.github.io/helm-charts kube-prometheus-stack 88.5.3",
      "cert-manager cert-manager https://charts.jetstack.io cert-manager v1.21.2",
      "gpu-operator gpu-operator https://helm.ngc.nvidia.com/nvidia gpu-operator v26.7.0",
      "keda keda-add-ons-http https://kedacore.github.io/charts keda-add-ons-http 0.15.0",
      "knative-operator knative-operator https://knative.github.io/operator knative-operator 1.23.0",
      "kserve kserve-crd  oci://ghcr.io/kserve/charts/kserve-crd v0.20.0",
      "kserve kserve-resources  oci://ghcr.io/kserve/charts/kserve-resources v0.20.0",
      "kserve kserve-runtime-configs  oci://ghcr.io/kserve/charts/kserve-runtime-configs v0.20.0",
    ]);
  });

  test("what is said wins: namespace, version, and a mirror of the charts", () => {
    const chart = { repository: "oci://mirror.example.com/charts" };
    const { controller } = kserveReleases({ version: "0.19.0", namespace: "serving", chart });
    expect(controller).toMatchObject({
      namespace: "serving",
      chart: "oci://mirror.example.com/charts/kserve-resources",
      version: "v0.19.0",
    });
    expect(certManagerRelease({ version: "1.20.0", chart })).toMatchObject({
      chart: "oci://mirror.example.com/charts/cert-manager",
      version: "v1.20.0",
    });
    expect(knativeOperatorRelease({ version: "1.22.0", chart: { version: "1.22.1" } }).version).toBe("1.22.1");
  });

  test("only what NVIDIA's hook wants is not compared with the definitions that are there", () => {
    expect(gpuOperatorRelease({}).disableOpenapiValidation).toBe(true);
    expect(certManagerRelease({}).disableOpenapiValidation).toBeUndefined();
  });
});

test("an installed Prometheus is reached and waited for in its namespace", () => {
  expect(installedPrometheusUrl({})).toBe("http://prometheus-operated.monitoring.svc.cluster.local:9090");
  expect(installedPrometheusUrl({ namespace: "metrics" })).toBe(
    "http://prometheus-operated.metrics.svc.cluster.local:9090",
  );
  expect(prometheusAvailable({ namespace: "metrics" })).toStrictEqual({
    apiVersion: "monitoring.coreos.com/v1",
    kind: "Prometheus",
    namespace: "metrics",
    name: "kube-prometheus-stack-prometheus",
    condition: "Available",
  });
});

test("the HTTP add-on lives with KEDA unless it is told otherwise, and is not supported beside Red Hat's autoscaler (trap 47)", () => {
  expect(httpAddOnNamespace("kubernetes", {})).toBe("keda");
  expect(httpAddOnNamespace("openshift", {})).toBe("openshift-keda");
  expect(httpAddOnNamespace("kubernetes", {}, "scaling")).toBe("scaling");
  expect(httpAddOnNamespace("kubernetes", { namespace: "http" }, "scaling")).toBe("http");
  expect(platformWarnings({ distribution: "kubernetes", kedaHttpAddon: { mode: "install" } })).toEqual([]);
  expect(platformWarnings({ distribution: "openshift", kedaHttpAddon: { mode: "none" } })).toEqual([]);
  expect(platformWarnings({ distribution: "openshift", kedaHttpAddon: { mode: "existing" } })).toEqual([
    "KEDA's HTTP add-on is a community project: Red Hat does not support it, nor its trigger external-push, beside the Custom Metrics Autoscaler.",
  ]);
});

test("the HTTP add-on's chart may be a mirrored one on OpenShift too", () => {
  const given = { mode: "install", chart: { repository: "https://charts.example.com" } };
  expect(httpAddOnProblems("openshift", given)).toEqual([]);
  expect(httpAddOnProblems("openshift", { mode: "install", operator: { catalog: "mirror" } })).toEqual([
    {
      path: "kedaHttpAddon.operator",
      message: "is given, but on openshift the piece comes from a Helm chart: use chart.",
    },
  ]);
});

describe("problems", () => {
  const lines = (problems: Problem[]) => problems.map(({ path, message }) => `${path} ${message}`);

  test("none in what is installed with its defaults", () => {
    const mode = "install";
    expect(lines(gpuProblems("kubernetes", { mode, timeSlices: 2, driver: "node", products: ["NVIDIA-L4"] }))).toEqual(
      [],
    );
    expect(lines(httpAddOnProblems("kubernetes", { mode, longestRequestSeconds: 1 }))).toEqual([]);
    expect(lines(certManagerProblems("kubernetes", { mode, installer: "component" }))).toEqual([]);
    expect(lines(kserveProblems("kubernetes", { mode, version: "0.17.0", runtimes: ["mlserver"] }))).toEqual([]);
    expect(lines(knativeProblems("kubernetes", { mode, longestRequestSeconds: 900 }))).toEqual([]);
    expect(lines(monitoringProblems("kubernetes", { mode, storage: "50Gi", storageClassName: "fast" }))).toEqual([]);
  });

  test("sliced GPUs", () => {
    expect(
      lines(gpuProblems("kubernetes", { mode: "install", timeSlices: 1, products: ["NVIDIA-L4", "NVIDIA-L4-SHARED"] })),
    ).toEqual(["gpus.timeSlices is 1; it must be a whole number of at least 2."]);
  });

  test("settings of what is not installed", () => {
    const only = (setting: string) => `${setting} is given, but with mode "existing" nothing is installed.`;
    expect(lines(gpuProblems("kubernetes", { driver: "node", tolerations: [] }))).toEqual(
      ["gpus.driver", "gpus.tolerations"].map(only),
    );
    expect(lines(monitoringProblems("kubernetes", { retention: "2d" }))).toEqual([only("prometheus.retention")]);
    expect(lines(kserveProblems("kubernetes", { runtimes: ["mlserver"] }))).toEqual([only("kserve.runtimes")]);
    expect(lines(certManagerProblems("kubernetes", { mode: "existing", installer: "release" }))).toEqual([
      only("certManager.installer"),
    ]);
  });

  test("runtimes and releases of KServe that cannot be installed", () => {
    expect(
      lines(kserveProblems("kubernetes", { mode: "install", version: "0.16.0", runtimes: ["vllmserver"] })),
    ).toEqual(['kserve.version is 0.16.0; from 0.17.0 on it can be installed. Take a newer one, or mode "existing".']);
    expect(
      lines(kserveProblems("kubernetes", { mode: "install", version: "0.19.0", runtimes: ["mlserver", "vllmserver"] })),
    ).toEqual([
      'kserve.runtimes[1] is "vllmserver", which KServe 0.19.0 does not bring; take some of huggingfaceserver, lgbserver, mlserver, paddleserver, pmmlserver, predictiveserver, sklearnserver, tensorflow, torchserve, tritonserver, xgbserver.',
    ]);
    expect(lines(kserveProblems("kubernetes", { mode: "existing", version: "0.16.0" }))).toEqual([]);
  });

  test("KServe's webhooks without anybody who makes certificates", () => {
    const prometheus = { url: "http://prometheus-operated.monitoring.svc:9090" };
    const distribution = "kubernetes";
    expect(lines(platformProblems({ distribution, prometheus, kserve: { mode: "install" } }))).toEqual([
      'certManager.mode is "none", but kserve.mode is "install" and KServe\'s webhooks need certificates: take "install", or "existing" where cert-manager runs.',
    ]);
    const certManager = { mode: "existing" };
    expect(lines(platformProblems({ distribution, prometheus, kserve: { mode: "install" }, certManager }))).toEqual([]);
  });

  test("what stays, where nothing is installed or another makes it", () => {
    const retainOnDelete = true;
    for (const mode of ["adopt", "existing"]) {
      expect(lines(gpuProblems("kubernetes", { mode, retainOnDelete }))).toEqual([
        `gpus.retainOnDelete is given, but with mode "${mode}" nothing of the piece is ever removed: leave it out.`,
      ]);
    }
    expect(lines(certManagerProblems("kubernetes", { mode: "install", retainOnDelete }))).toEqual([]);
    expect(
      lines(certManagerProblems("kubernetes", { mode: "install", retainOnDelete, installer: "component" })),
    ).toEqual([
      'certManager.retainOnDelete is true, but does not reach what Pulumi\'s component makes: take installer "release".',
    ]);
  });

  test("what does not go together", () => {
    expect(lines(certManagerProblems("kubernetes", { mode: "adopt", installer: "component" }))).toEqual([
      'certManager.installer is "component", which cannot take over a release that is there: use "release".',
    ]);
    expect(lines(monitoringProblems("kubernetes", { mode: "install", storageClassName: "fast" }))).toEqual([
      "prometheus.storageClassName is given without a size: set storage, e.g. 50Gi.",
    ]);
    expect(
      lines(monitoringProblems("kubernetes", { clusterPodMonitor: { namespace: "Monitoring", name: "all models" } })),
    ).toEqual([
      'prometheus.clusterPodMonitor.namespace is "Monitoring", which is no namespace\'s name: use at most 63 lower-case letters, digits and dashes, beginning and ending with a letter or digit.',
      expect.stringContaining('prometheus.clusterPodMonitor.name is "all models"'),
    ]);
    expect(lines(httpAddOnProblems("kubernetes", { mode: "install", longestRequestSeconds: 0 }))).toEqual([
      "kedaHttpAddon.longestRequestSeconds is 0; it must be a whole number of at least 1.",
    ]);
  });
});
