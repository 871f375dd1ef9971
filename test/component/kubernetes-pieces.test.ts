import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test, vi } from "vitest";
import {
  CertManager,
  GpuOperator,
  KedaHttpAddon,
  KnativeServing,
  KServe,
  Monitoring,
  ServingPlatform,
} from "../../src";
import type { ServingPlatformOptions } from "../../src/manifests";
import type { HelmRelease } from "../../src/manifests/platform/helm-release";
import { platformManifests } from "../../src/manifests/platform/platform-manifests";
import { outputValue, type RecordedProgram, record, resource } from "./recorded-program";

const install = { distribution: "kubernetes", mode: "install" } as const;
const releaseType = "kubernetes:helm.sh/v3:Release";

/** Names of a piece's children in the order in which they can be made, each after what it waits for. */
function children(program: RecordedProgram<unknown>) {
  return [...program.resources.values()]
    .filter(({ type }) => !type.startsWith("vllm-serving:"))
    .map(({ name, dependencies }) => `${name} <- ${dependencies.map(lastName).sort().join(" ")}`.replace(/ <- $/, ""))
    .sort();
}

function lastName(urn: string): string {
  return urn.split("::").at(-1) ?? "";
}

/** What a release is, wherever it is written. */
function pick({ name, namespace, chart, version, values }: Readonly<Record<string, unknown>> | HelmRelease) {
  return { name, namespace, chart, version, values };
}

function releaseOf(program: RecordedProgram<unknown>, name: string) {
  const urn = [...program.resources.keys()].find((known) => known.endsWith(`${releaseType}::${name}`));
  return resource(program, urn ?? name);
}

test("monitoring: a release in its namespace, and then the Prometheus that its operator makes", async () => {
  const program = await record(() => new Monitoring("monitoring", { ...install, retention: "2d" }));
  expect(program.errors).toEqual([]);
  expect(children(program)).toEqual([
    "monitoring-namespace",
    "monitoring-prometheus <- monitoring-release",
    "monitoring-release <- monitoring-namespace",
  ]);
  expect(releaseOf(program, "monitoring-release").inputs).toMatchObject({
    name: "kube-prometheus-stack",
    namespace: "monitoring",
    chart: "kube-prometheus-stack",
    version: "88.5.3",
    repositoryOpts: { repo: "https://prometheus-community.github.io/helm-charts" },
    atomic: true,
    cleanupOnFail: true,
    timeout: 900,
    values: { prometheus: { prometheusSpec: { retention: "2d", podMonitorSelectorNilUsesHelmValues: false } } },
  });
  expect(await outputValue(program.result.kept)).toEqual([
    "The custom resource definitions of Prometheus Operator: Helm leaves what a chart has in crds/.",
  ]);
});

test("a PodMonitor that scrapes all models is looked for, and told to the models", async () => {
  const prometheus = {
    url: "http://prometheus-operated.monitoring.svc:9090",
    clusterPodMonitor: { namespace: "monitoring", name: "models" },
  };
  const program = await record(() => new ServingPlatform("platform", { distribution: "kubernetes", prometheus }));
  expect(program.errors).toEqual([]);
  expect(program.read.map(({ id }) => id)).toContain("monitoring/models");
  expect((await outputValue(program.result.reference)).monitors).toEqual([
    { kind: "PodMonitor", namespace: "monitoring", name: "models" },
  ]);
});

describe("cert-manager", () => {
  test("a release of ours", async () => {
    const program = await record(() => new CertManager("certs", install));
    expect(children(program)).toEqual(["certs-namespace", "certs-release <- certs-namespace"]);
    expect(releaseOf(program, "certs-release").inputs).toMatchObject({
      name: "cert-manager",
      version: "v1.21.2",
      values: { crds: { enabled: true, keep: true } },
    });
  });

  test("Pulumi's component with the same chart, version and values, and nothing but helmOptions", async () => {
    const program = await record(() => new CertManager("certs", { ...install, installer: "component" }));
    expect(program.errors).toEqual([]);
    expect(children(program)).toEqual(["certs-component <- certs-namespace", "certs-namespace"]);
    const component = [...program.resources.values()].find(({ name }) => name === "certs-component");
    expect(component?.type).toBe("kubernetes-cert-manager:index:CertManager");
    expect(component?.inputs).toEqual({
      helmOptions: {
        name: "cert-manager",
        namespace: "cert-manager",
        chart: "cert-manager",
        version: "v1.21.2",
        repositoryOpts: { repo: "https://charts.jetstack.io" },
        values: { crds: { enabled: true, keep: true } },
        timeout: 600,
        atomic: true,
        cleanupOnFail: true,
      },
    });
  });
});

test("GPU operator: a privileged namespace, the release, and then the drivers on all nodes", async () => {
  const program = await record(() => new GpuOperator("gpus", { ...install, nodeFeatureDiscovery: false }));
  expect(children(program)).toEqual(["gpus-namespace", "gpus-nodes <- gpus-release", "gpus-release <- gpus-namespace"]);
  const namespaces = [...program.resources.values()].filter(({ name }) => name === "gpus-namespace");
  expect(namespaces.map(({ inputs }) => inputs.metadata)).toEqual([
    {
      name: "gpu-operator",
      labels: { "app.kubernetes.io/part-of": "vllm-serving", "pod-security.kubernetes.io/enforce": "privileged" },
    },
  ]);
  expect(releaseOf(program, "gpus-release").inputs).toMatchObject({
    version: "v26.7.0",
    disableOpenapiValidation: true,
    values: { nfd: { enabled: false }, driver: { enabled: true } },
  });
  const nodes = [...program.resources.values()].find(({ name }) => name === "gpus-nodes");
  expect(nodes?.inputs).toMatchObject({
    objects: [{ kind: "ClusterPolicy", name: "cluster-policy", field: "status.state", is: "ready" }],
    timeoutSeconds: 1800,
  });
});

describe("HTTP add-on", () => {
  test("goes into KEDA's namespace, which is there", async () => {
    const program = await record(() => new KedaHttpAddon("addon", { ...install, kedaNamespace: "scaling" }));
    expect(children(program)).toEqual(["addon-guard <- addon-release", "addon-release"]);
    expect(releaseOf(program, "addon-release").inputs.namespace).toBe("scaling");
    expect(await outputValue(program.result.namespace)).toBe("scaling");
  });

  test("makes any other namespace", async () => {
    const program = await record(() => new KedaHttpAddon("addon", { ...install, namespace: "http" }));
    expect(children(program)).toEqual([
      "addon-guard <- addon-release",
      "addon-namespace",
      "addon-release <- addon-namespace",
    ]);
  });

  test("on OpenShift asks for no group and warns", async () => {
    const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue();
    const program = await record(() => new KedaHttpAddon("addon", { ...install, distribution: "openshift" }));
    expect(warn.mock.calls.map(([message]) => message)).toEqual([
      "KEDA's HTTP add-on is a community project: Red Hat does not support it, nor its trigger external-push, beside the Custom Metrics Autoscaler.",
    ]);
    warn.mockRestore();
    const release = releaseOf(program, "addon-release").inputs;
    expect(release.namespace).toBe("openshift-keda");
    expect(release.values).toMatchObject({ podSecurityContext: { interceptor: { runAsNonRoot: true } } });
  });
});

test("KServe: definitions, controller, its webhooks, and the runtimes they look at", async () => {
  const program = await record(() => new KServe("kserve", { ...install, runtimes: ["huggingfaceserver"] }));
  expect(children(program)).toEqual([
    "kserve-definitions <- kserve-namespace",
    "kserve-guard <- kserve-definitions kserve-release kserve-runtimes kserve-webhooks",
    "kserve-namespace",
    "kserve-release <- kserve-definitions",
    "kserve-runtimes <- kserve-webhooks",
    "kserve-webhooks <- kserve-release",
  ]);
  expect(releaseOf(program, "kserve-definitions").inputs).toMatchObject({
    name: "kserve-crd",
    chart: "oci://ghcr.io/kserve/charts/kserve-crd",
    version: "v0.20.0",
    values: {},
  });
  expect(releaseOf(program, "kserve-release").inputs.repositoryOpts).toBeUndefined();
  const guard = [...program.resources.values()].find(({ name }) => name === "kserve-guard");
  expect(guard?.inputs.own).toEqual({
    releases: ["kserve-crd", "kserve-resources", "kserve-runtime-configs"].map((name) => ({
      namespace: "kserve",
      name,
    })),
    objects: [],
  });
  const webhooks = [...program.resources.values()].find(({ name }) => name === "kserve-webhooks");
  expect(webhooks?.inputs.objects).toEqual([
    {
      apiVersion: "cert-manager.io/v1",
      kind: "Certificate",
      namespace: "kserve",
      name: "serving-cert",
      condition: "Ready",
    },
    ...["inferenceservice", "servingruntime", "clusterservingruntime"].map((kind) => ({
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingWebhookConfiguration",
      name: `${kind}.serving.kserve.io`,
      field: "webhooks.0.clientConfig.caBundle",
    })),
  ]);
});

test("Knative: the operator outlives the Knative Serving it makes", async () => {
  const program = await record(() => new KnativeServing("knative", install));
  expect(children(program)).toEqual([
    "knative-guard <- knative-release knative-serving",
    "knative-namespace",
    "knative-release <- knative-namespace",
    "knative-serving <- knative-release knative-serving-namespace",
    "knative-serving-namespace",
  ]);
  const guard = [...program.resources.values()].find(({ name }) => name === "knative-guard");
  expect(guard?.inputs.own).toEqual({
    releases: [],
    objects: [{ kind: "KnativeServing", namespace: "knative-serving", name: "knative-serving" }],
  });
  expect(await outputValue(program.result.kept)).toEqual([
    "The custom resource definitions of Knative Serving: its operator leaves them.",
  ]);
  const serving = [...program.resources.values()].find(({ name }) => name === "knative-serving");
  expect(serving?.timeouts).toEqual({ create: "900s", update: "900s", delete: "900s" });
});

test("an adopted release is imported, never removed, and its namespace is left alone", async () => {
  const program = await record(() => new CertManager("certs", { ...install, mode: "adopt" }));
  expect(children(program)).toEqual(["certs-release"]);
  expect(releaseOf(program, "certs-release")).toMatchObject({
    importId: "cert-manager/cert-manager",
    retainOnDelete: true,
  });
});

test("a platform with everything: each piece waits for those it needs, all through the cluster's provider (trap 66)", async () => {
  const piece = { mode: "install" };
  const everything: ServingPlatformOptions = {
    distribution: "kubernetes",
    prometheus: piece,
    keda: piece,
    kedaHttpAddon: piece,
    certManager: piece,
    kserve: { ...piece, runtimes: ["huggingfaceserver"] },
    knative: piece,
    gpus: piece,
  };
  const program = await record(() => {
    const provider = new k8s.Provider("cluster", { kubeconfig: "{}" });
    return new ServingPlatform("platform", { ...everything, kubeconfig: "{}" }, { provider });
  });
  expect(program.errors).toEqual([]);
  const reference = await outputValue(program.result.reference);
  expect(reference.prometheusUrl).toBe("http://prometheus-operated.monitoring.svc.cluster.local:9090");
  expect(reference.kedaHttpAddonNamespace).toBe("keda");
  const releases = [...program.resources.values()].filter(({ type }) => type === releaseType);
  expect(new Set(releases.map(({ provider }) => provider))).toEqual(new Set(["cluster"]));
  const written = platformManifests(everything);
  expect(new Set(releases.map(({ inputs }) => pick(inputs)))).toEqual(new Set(written.releases.map(pick)));
  const objects = [...program.resources.values()].filter(({ type }) =>
    /^kubernetes:.*:(Namespace|KnativeServing)$/.test(type),
  );
  expect(new Set(objects.map(({ inputs }) => inputs.metadata))).toEqual(
    new Set(written.objects.map(({ metadata }) => metadata)),
  );
  const waits = Object.fromEntries(
    releases.map(({ name, dependencies }) => [
      name,
      dependencies
        .map(lastName)
        .filter((other) => !other.endsWith("-namespace"))
        .sort(),
    ]),
  );
  const monitoring = ["platform-monitoring-prometheus", "platform-monitoring-release"];
  const keda = ["platform-keda-guard", "platform-keda-metrics", "platform-keda-release"];
  expect(waits).toMatchObject({
    "platform-monitoring-release": [],
    "platform-cert-manager-release": [],
    "platform-gpu-operator-release": monitoring,
    "platform-keda-release": monitoring,
    "platform-keda-http-addon-release": keda,
    "platform-knative-release": ["platform-cert-manager-release"],
  });
});
