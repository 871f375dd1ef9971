import { expectedObjects, sandboxConfiguration } from "@vllm-serving/sandbox";
import { expect, test } from "vitest";
import { versionOf } from "../../../packages/sandbox/src/tools/families";
import { type Configuration, parseConfiguration } from "../../../src/config";
import { validModel, validPlatform } from "../config/valid-configuration";

function configurationOf(platform: object, ...models: object[]): Configuration {
  const result = parseConfiguration({
    cluster: { expect: { server: "https://api.example.com:6443" } },
    platform: { ...validPlatform(), ...platform },
    models: models.map((model) => ({ ...validModel(), ...model })),
  });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.configuration;
}

const startup = { imagePullSeconds: 2, loadSeconds: 6, compileSeconds: 2 };

test("cluster, Prometheus, GPUs and delays become the sandbox's; objectives, bounds and the versions of KEDA and vLLM stay", () => {
  const { cluster, platform, models } = sandboxConfiguration(
    configurationOf(
      {
        keda: { mode: "install", version: "2.18.0", namespace: "scaling" },
        kserve: { mode: "existing", version: "0.15.0", namespace: "opendatahub" },
        gpus: { products: ["NVIDIA-A10G"], budget: 9 },
      },
      { gpuProduct: "NVIDIA-A10G", capacity: { concurrencyPerReplica: 7 }, vllmVersion: "0.6.6" },
    ),
  );
  expect(cluster).toEqual({ expect: { context: "vllm-serving-sandbox-*", server: "https://127.0.0.1:*" } });
  expect(platform).toEqual({
    distribution: "kubernetes",
    prometheus: {
      url: "http://prometheus-operated.monitoring.svc.cluster.local:9090",
      tenancy: false,
      authentication: "none",
    },
    keda: { version: "2.18.0", namespace: "keda", serviceAccount: "keda-operator" },
    kserve: { mode: "existing", namespace: "kserve", version: versionOf("kserve") },
    gpus: { products: ["NVIDIA-L4"], budget: 9 },
  });
  expect(models).toEqual([
    {
      ...validModel(),
      capacity: { concurrencyPerReplica: 7 },
      vllmVersion: "0.6.6",
      createNamespace: true,
      gpuProduct: "NVIDIA-L4",
      startup,
      longestGenerationSeconds: 15,
      scrapeIntervalSeconds: 5,
    },
  ]);
});

test("who sends a token reads through OpenShift's metrics path, triggers of one's own too", () => {
  const url = "https://thanos-querier.openshift-monitoring.svc.cluster.local:9092";
  const metadata = { serverAddress: "https://elsewhere:9090", query: "up", threshold: "1" };
  const { platform, models } = sandboxConfiguration(
    configurationOf(
      {
        prometheus: { url: "https://prometheus:9090", authentication: "serviceAccountTokenSecret" },
        kserve: { mode: "none" },
      },
      {
        backend: "deployment",
        extraTriggers: [
          { type: "prometheus", metadata },
          { type: "cron", metadata: { start: "0 8 * * *" } },
        ],
      },
    ),
  );
  expect(platform.prometheus).toEqual({
    url,
    tenancy: true,
    authentication: "serviceAccountTokenSecret",
    certificateAuthority: { configMap: "openshift-service-ca.crt", key: "service-ca.crt" },
  });
  expect(platform.kserve).toEqual({ mode: "none" });
  expect(models[0]?.extraTriggers).toEqual([
    { type: "prometheus", metadata: { ...metadata, serverAddress: url } },
    { type: "cron", metadata: { start: "0 8 * * *" } },
  ]);
});

test("a download takes the sandbox's time, and no token, whose Secret is not there", () => {
  const download = { repository: "org/llama", revision: "a".repeat(40) };
  const nfs = { server: "nfs.example.com", path: "/models" };
  const tokenSecret = { name: "hub", key: "token" };
  const { models } = sandboxConfiguration(
    configurationOf({}, { weights: { nfs: { ...nfs, download: { ...download, tokenSecret } } } }),
  );
  expect(models[0]?.weights).toEqual({ nfs: { ...nfs, download: { ...download, expectedSeconds: 5 } } });
});

test("nothing is exposed, and a model goes to zero after the shortest time", () => {
  const { platform, models } = sandboxConfiguration(
    configurationOf(
      { kedaHttpAddon: { mode: "install", version: "0.15.0", namespace: "add-on" } },
      {
        replicas: { min: 0, max: 2 },
        scaling: { http: { hosts: ["llama.example.com"], cooldownSeconds: 600 } },
        expose: { host: "llama.example.com", ingress: {}, unauthenticated: true },
      },
    ),
  );
  expect(platform.kedaHttpAddon).toEqual({ mode: "existing", namespace: "keda" });
  expect(models[0]?.scaling).toEqual({ http: { hosts: ["llama.example.com"] } });
  expect(models[0]?.expose).toBeUndefined();
});

test("what Knative scales is refused", () => {
  const knative = { kserve: {}, knative: { mode: "existing" } };
  expect(() => sandboxConfiguration(configurationOf(knative, { scaling: { knative: { target: 2 } } }))).toThrow(
    "Knative, which scales llama, is not in the sandbox: render and preview them.",
  );
});

test("what models expect to find is named, each once", () => {
  const apiKey = { name: "llama-key", key: "key" };
  const expected = expectedObjects(
    sandboxConfiguration(
      configurationOf(
        {},
        { name: "a", apiKey, compileCacheClaim: "cache", priorityClassName: "serving" },
        { name: "b", apiKey },
        { name: "c", namespace: "other", weights: { existingClaim: "weights" } },
      ),
    ),
  );
  expect(expected).toEqual([
    "Secret llm/llama-key",
    "PersistentVolumeClaim llm/cache",
    "PriorityClass serving",
    "Namespace other",
    "PersistentVolumeClaim other/weights",
  ]);
  expect(expectedObjects(sandboxConfiguration(configurationOf({}, {})))).toEqual([]);
});

test("a namespace is made once, and not where its claim is expected", () => {
  const { models } = sandboxConfiguration(
    configurationOf(
      {},
      { name: "a" },
      { name: "b" },
      { name: "c", namespace: "other", weights: { existingClaim: "weights" } },
    ),
  );
  expect(models.map(({ name, createNamespace }) => [name, createNamespace])).toEqual([
    ["a", true],
    ["b", false],
    ["c", false],
  ]);
});
