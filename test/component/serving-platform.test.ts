import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { type PlatformKServe, ServingPlatform } from "../../src";
import { kubernetes, openShift } from "./fixtures";
import { messageOf, outputValue, record, unknownOutput } from "./recorded-program";

test("describes a platform on Kubernetes", async () => {
  const { result, resources } = await record(
    () =>
      new ServingPlatform("platform", { distribution: "kubernetes", prometheus: { url: kubernetes.prometheusUrl } }),
  );
  expect([...resources.keys()].sort()).toEqual([
    "vllm-serving:index:ServingPlatform$vllm-serving:index:CertManager::platform-cert-manager",
    "vllm-serving:index:ServingPlatform$vllm-serving:index:GpuOperator::platform-gpu-operator",
    "vllm-serving:index:ServingPlatform$vllm-serving:index:KServe::platform-kserve",
    "vllm-serving:index:ServingPlatform$vllm-serving:index:Keda::platform-keda",
    "vllm-serving:index:ServingPlatform$vllm-serving:index:KedaHttpAddon::platform-keda-http-addon",
    "vllm-serving:index:ServingPlatform$vllm-serving:index:KnativeServing::platform-knative",
    "vllm-serving:index:ServingPlatform$vllm-serving:index:Monitoring::platform-monitoring",
    "vllm-serving:index:ServingPlatform::platform",
  ]);
  expect(await outputValue(result.reference)).toEqual(kubernetes);
});

test("describes a platform on OpenShift, its URL from another resource", async () => {
  const { result } = await record(
    () =>
      new ServingPlatform("platform", {
        distribution: "openshift",
        prometheus: { url: pulumi.output(openShift.prometheusUrl) },
        check: false,
      }),
  );
  expect(await outputValue(result.reference)).toEqual(openShift);
});

test("reads what KEDA, KServe and Prometheus Operator bring through the cluster's provider", async () => {
  const { read } = await record(() => {
    const provider = new k8s.Provider("cluster", { kubeconfig: "{}" });
    return new ServingPlatform(
      "platform",
      { distribution: "kubernetes", prometheus: { url: kubernetes.prometheusUrl } },
      { provider },
    );
  });
  expect(read.map(({ id }) => id).sort()).toEqual([
    "kserve/inferenceservice-config",
    "podmonitors.monitoring.coreos.com",
    "scaledobjects.keda.sh",
    "servingruntimes.serving.kserve.io",
  ]);
  expect(new Set(read.map(({ provider }) => provider))).toEqual(new Set(["cluster"]));
});

test("reads KServe's where it was said to be, or not at all where there is none", async () => {
  const ids = async (kserve: PlatformKServe) => {
    const prometheus = { url: kubernetes.prometheusUrl };
    const { read } = await record(
      () => new ServingPlatform("platform", { distribution: "kubernetes", prometheus, kserve }),
    );
    return read.map(({ id }) => id);
  };
  expect((await ids({ mode: "none" })).sort()).toEqual(["podmonitors.monitoring.coreos.com", "scaledobjects.keda.sh"]);
  expect(await ids({ namespace: "opendatahub" })).toContain("opendatahub/inferenceservice-config");
});

test("reads nothing when told not to check", async () => {
  const { read } = await record(
    () =>
      new ServingPlatform("platform", {
        distribution: "kubernetes",
        prometheus: { url: kubernetes.prometheusUrl },
        check: false,
      }),
  );
  expect(read).toEqual([]);
});

test("a missing definition is an error, and no reference comes out", async () => {
  const reached: string[] = [];
  const { errors } = await record(
    () => {
      const platform = new ServingPlatform("platform", {
        distribution: "kubernetes",
        prometheus: { url: kubernetes.prometheusUrl },
      });
      platform.reference.apply(({ distribution }) => reached.push(distribution));
    },
    { missing: ["scaledobjects.keda.sh"] },
  );
  expect(errors.map(messageOf).join("\n")).toContain("scaledobjects.keda.sh not found");
  expect(reached).toEqual([]);
});

test("at preview with a URL that is not there yet", async () => {
  const { errors, resources } = await record(
    () => new ServingPlatform("platform", { distribution: "kubernetes", prometheus: { url: unknownOutput<string>() } }),
    { preview: true },
  );
  expect(errors).toEqual([]);
  expect(resources.size).toBe(8);
});

test("wrong arguments: all at once, before anything is registered", async () => {
  let message = "";
  const { resources } = await record(() => {
    try {
      new ServingPlatform("platform", {
        distribution: "openshift",
        prometheus: { url: "prometheus", mode: "none" },
        keda: { version: "2.16.0" },
      });
    } catch (error) {
      message = messageOf(error);
    }
  });
  expect(resources.size).toBe(0);
  expect(message).toBe(`ServingPlatform "platform" has 3 problems in its arguments:
  prometheus.url: is no http or https URL; write one such as http://prometheus-operated.monitoring.svc:9090.
  prometheus.mode: is "none"; take one of install, adopt, existing.
  keda.version: is 2.16.0, which cannot issue bound tokens; prometheus.authentication "boundServiceAccountToken" needs 2.17.0 or newer.`);
});

test("a URL that turns out to be none ends the program without repeating it", async () => {
  const { errors } = await record(() => {
    const url = pulumi.secret("http://user:s3cret@prometheus:9090");
    return new ServingPlatform("platform", { distribution: "kubernetes", prometheus: { url }, check: false });
  });
  expect(errors.length).toBeGreaterThan(0);
  const message = messageOf(errors[0]);
  expect(message).toContain("prometheus.url: has a user name or password in it");
  expect(message).not.toContain("s3cret");
});
