import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { parse, stringify } from "yaml";
import type { MonitorSearch } from "../../src/cluster/model-monitors";
import { explainConfiguration, loadConfigurationFile, parseConfiguration, renderConfiguration } from "../../src/config";
import { reasonLine } from "../../src/manifests/scaling-explanation";
import { createServingStack } from "../../src/serving-stack";
import { validConfiguration, validModel, validPlatform } from "../unit/config/valid-configuration";
import { messageOf, outputValue, record, resource, secretValue } from "./recorded-program";

const root = join(__dirname, "../..");
const sandbox = loadConfigurationFile(join(root, "Pulumi.sandbox.yaml"));
const server = "https://127.0.0.1:6443";
const context = "vllm-serving-sandbox-demo";

/** What a look at the cluster finds. */
const search = vi.hoisted((): { result: MonitorSearch } => ({ result: { monitors: [] } }));
vi.mock("../../src/cluster/model-monitors", () => ({ findModelMonitors: async () => search.result }));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "vllm-serving-program-"));
  writeFileSync(
    join(folder, "kubeconfig"),
    stringify({
      "current-context": context,
      contexts: [{ name: context, context: { cluster: context, user: context } }],
      clusters: [{ name: context, cluster: { server } }],
      users: [{ name: context, user: { token: "token" } }],
    }),
  );
});
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => vi.stubEnv("KUBECONFIG", join(folder, "kubeconfig")));
afterEach(() => {
  search.result = { monitors: [] };
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

describe("the sandbox's environment", () => {
  test("creates what render shows, all through the one provider", async () => {
    const program = await record(() => createServingStack(sandbox));
    const custom = [...program.resources.values()].filter(({ type }) => type.startsWith("kubernetes:"));
    const configuration = parseConfiguration(sandbox);
    const rendered = configuration.ok ? renderConfiguration(configuration.configuration) : [];

    expect(custom.map(({ type }) => type.split(":").at(-1)).sort()).toEqual(
      rendered.map(({ object }) => object.kind).sort(),
    );
    expect(new Set(custom.map(({ provider }) => provider))).toEqual(new Set(["cluster"]));
    expect(program.read.map(({ id, provider }) => `${id} ${provider}`).sort()).toEqual([
      "kserve/inferenceservice-config cluster",
      "podmonitors.monitoring.coreos.com cluster",
      "scaledobjects.keda.sh cluster",
      "servingruntimes.serving.kserve.io cluster",
    ]);
    expect(program.errors).toEqual([]);
  });

  test("keeps the kubeconfig of the provider secret", async () => {
    const program = await record(() => createServingStack(sandbox));
    const { kubeconfig } = resource(program, "pulumi:providers:kubernetes::cluster").inputs;
    expect(kubeconfig).toEqual(secretValue(expect.stringContaining(`server: ${server}`)));
  });

  test("tells the provider which cluster it is by what is expected, with and without a kubeconfig", async () => {
    const identifiers = async (raw: Record<string, unknown>, options = {}) => {
      const program = await record(() => createServingStack(raw), options);
      return resource(program, "pulumi:providers:kubernetes::cluster").inputs.clusterIdentifier;
    };
    const identifier = "https://127.0.0.1:* vllm-serving-sandbox-*";
    expect(await identifiers(sandbox)).toBe(identifier);
    expect(await identifiers({ ...sandbox, cluster: { expect: { context } } })).toBe(`* ${context}`);
    expect(await identifiers({ ...sandbox, cluster: { expect: { server } } })).toBe(`${server} *`);
    vi.stubEnv("KUBECONFIG", "/nowhere");
    vi.spyOn(pulumi.log, "warn").mockResolvedValue();
    expect(await identifiers(sandbox, { preview: true })).toBe(identifier);
  });

  test("tells the platform, where the model answers, and why it scales as it does", async () => {
    const { result } = await record(() => createServingStack(sandbox));
    const { llama } = result.models;

    expect(Object.keys(result.models)).toEqual(["llama"]);
    expect(await outputValue(result.platform)).toMatchObject({
      distribution: "kubernetes",
      prometheusUrl: "https://thanos-querier.openshift-monitoring.svc.cluster.local:9092",
    });
    expect(llama?.namespace).toBe("llm");
    expect(llama?.declared).toEqual({
      startup: { imagePullSeconds: 2, loadSeconds: 6, compileSeconds: 2 },
      longestGenerationSeconds: 15,
      scrapeIntervalSeconds: 5,
    });
    expect(await outputValue(pulumi.output(llama?.url))).toBe("http://llama.llm.svc:8000");
    expect(await outputValue(pulumi.output(llama?.externalUrl))).toBe("");
    expect(await outputValue(pulumi.output(llama?.servedModelName))).toBe("llama");
    expect(await outputValue(pulumi.output(llama?.scaledObject))).toBe("llama");
    expect(await outputValue(pulumi.output(llama?.deployment))).toBe("llama-predictor");
    const policy = await outputValue(pulumi.output(llama?.policy));
    expect(policy).toContainEqual(expect.stringMatching(/^spec\.triggers\[0\]\.metadata\.threshold = 5: /));
    const configuration = parseConfiguration(sandbox);
    const explained = configuration.ok ? explainConfiguration(configuration.configuration) : [];
    expect(policy).toEqual(explained[0]?.reasons.map(reasonLine));
  });
});

describe("a PodMonitor of somebody else", () => {
  const monitors = (program: { resources: Map<string, { type: string }> }) =>
    [...program.resources.values()].filter(({ type }) => type.endsWith(":PodMonitor"));

  test.each([{ preview: true }, { preview: false }])("is told, and none is made beside it: %o", async (options) => {
    search.result = { monitors: [{ kind: "PodMonitor", namespace: "ops", name: "models", pods: ["kserve"] }] };
    const info = vi.spyOn(pulumi.log, "info").mockResolvedValue();
    const program = await record(() => createServingStack(sandbox), options);
    expect(program.errors).toEqual([]);
    expect(monitors(program)).toEqual([]);
    expect(info.mock.calls.map(([message]) => message)).toEqual([
      "PodMonitor ops/models scrapes the models of every namespace: they make none of their own.",
    ]);
    expect(await outputValue(program.result.platform)).toMatchObject({ monitors: search.result.monitors });
  });

  test("is not looked for where that is switched off, or one is named", async () => {
    search.result = { monitors: [{ kind: "PodMonitor", namespace: "ops", name: "models" }] };
    const platform = validPlatform();
    const of = async (prometheus: object) => {
      const raw = { ...validConfiguration(), cluster: { expect: { context } }, platform: { ...platform, prometheus } };
      return monitors(await record(() => createServingStack(raw))).length;
    };
    const url = "http://prometheus.monitoring.svc:9090";
    expect(await of({ url, detectMonitors: false })).toBe(1);
    expect(await of({ url, clusterPodMonitor: { namespace: "ops", name: "all" } })).toBe(0);
  });

  test("that may not be looked for is a warning; a cluster that does not answer stops an update, not a preview", async () => {
    const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue();
    const text = (problem: string) =>
      `Whether a PodMonitor scrapes the models already is not known: ${problem}. Name it as prometheus.clusterPodMonitor, or set prometheus.detectMonitors to false.`;
    search.result = { monitors: [], problem: "the API server answers 403: forbidden", denied: true };
    expect(monitors(await record(() => createServingStack(sandbox)))).toHaveLength(1);
    search.result = { monitors: [], problem: "connect ECONNREFUSED", denied: false };
    expect(monitors(await record(() => createServingStack(sandbox), { preview: true }))).toHaveLength(1);
    expect(warn.mock.calls.map(([message]) => message)).toEqual([
      text("the API server answers 403: forbidden"),
      text("connect ECONNREFUSED"),
    ]);
    const { errors } = await record(() => createServingStack(sandbox));
    expect(errors.map(String)).toContainEqual(expect.stringContaining(text("connect ECONNREFUSED")));
  });
});

test("a model in a namespace that another one makes waits for it, wherever it is in the list", async () => {
  const raw = {
    ...validConfiguration(),
    cluster: { expect: { context } },
    models: [
      { ...validModel(), name: "guest" },
      { ...validModel(), name: "host", createNamespace: true },
      { ...validModel(), name: "elsewhere", namespace: "other" },
    ],
  };
  const program = await record(() => createServingStack(raw));
  const dependenciesOf = (name: string) => resource(program, `vllm-serving:index:ServedModel::${name}`).dependencies;
  const namespace = "vllm-serving:index:ServedModel$kubernetes:core/v1:Namespace::host-namespace";

  // Not for the model that makes it: both start at once.
  expect(dependenciesOf("guest")).toEqual([namespace]);
  expect(resource(program, "vllm-serving:index:VllmServer$kubernetes:core/v1:Service::guest").dependencies).toContain(
    namespace,
  );
  expect(dependenciesOf("elsewhere")).toEqual([]);
  expect(Object.keys(program.result.models).sort()).toEqual(["elsewhere", "guest", "host"]);
});

test("what destroy keeps: of the platform, and each export once", async () => {
  const prometheus = { mode: "install" };
  const raw = {
    ...validConfiguration(),
    platform: { distribution: "kubernetes", prometheus },
    cluster: { expect: { context } },
    models: [
      validModel(),
      {
        ...validModel(),
        name: "same",
        weights: { nfs: { server: "nfs.example.com", path: "/models" }, subPath: "same" },
      },
      { ...validModel(), name: "claim", weights: { existingClaim: "weights" } },
    ],
  };
  const program = await record(() => createServingStack(raw));
  expect(await outputValue(program.result.kept)).toEqual([
    "The custom resource definitions of Prometheus Operator: Helm leaves what a chart has in crds/.",
    "The files at nfs.example.com:/models, downloaded ones too: only the volumes that lead there go.",
  ]);
});

test("a model that shares the TriggerAuthentication of another waits for it, and makes none", async () => {
  const authenticated = {
    distribution: "kubernetes",
    prometheus: { url: "https://prometheus:9090", authentication: "boundServiceAccountToken" },
  };
  const raw = {
    ...validConfiguration(),
    platform: authenticated,
    cluster: { expect: { context } },
    models: [
      { ...validModel(), name: "guest", prometheusTriggerAuthentication: "host-prometheus" },
      { ...validModel(), name: "host" },
    ],
  };
  const program = await record(() => createServingStack(raw));
  const authentication = (model: string) =>
    `vllm-serving:index:SloAutoscaler$kubernetes:keda.sh/v1alpha1:TriggerAuthentication::${model}-prometheus`;
  expect(resource(program, "vllm-serving:index:ServedModel::guest").dependencies).toContain(authentication("host"));
  expect([...program.resources.keys()].filter((urn) => urn.includes("TriggerAuthentication"))).toEqual([
    expect.stringContaining(authentication("host")),
  ]);
});

describe("refused before any resource", () => {
  /** The message of what the program ends with. */
  async function refusalOf(raw: Record<string, unknown>): Promise<string> {
    let message = "";
    const program = await record(() => {
      try {
        createServingStack(raw);
      } catch (error) {
        expect(pulumi.RunError.isInstance(error)).toBe(true);
        message = messageOf(error);
      }
    });
    expect([...program.resources.keys()]).toEqual([]);
    return message;
  }

  test("a wrong configuration, with all that is wrong in it", async () => {
    const models = [{ ...validModel(), replicas: { max: "7" }, colour: "blue", weights: 5 }];
    const lines = (await refusalOf({ ...validConfiguration(), models })).split("\n");
    expect(lines[0]).toBe("The configuration of this stack has 3 problems:");
    expect(lines.slice(1).map((line) => line.replace(/: .*/, ""))).toEqual([
      "  vllm-serving:models[0].weights",
      "  vllm-serving:models[0].replicas.max",
      "  vllm-serving:models[0].colour",
    ]);
  });

  test("another cluster", async () => {
    expect(await refusalOf(validConfiguration())).toMatch(
      new RegExp(`^The selected cluster is not the one of this stack:\n.*"gpu-production", but .* is "${context}"`),
    );
  });

  test("no kubeconfig", async () => {
    vi.stubEnv("KUBECONFIG", "/nowhere");
    expect(await refusalOf(sandbox)).toBe(
      "There is no kubeconfig at /nowhere: set KUBECONFIG or vllm-serving:cluster.kubeconfig to the cluster's.",
    );
  });
});

test("a preview without a kubeconfig warns once and touches no cluster", async () => {
  vi.stubEnv("KUBECONFIG", "/nowhere");
  const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue();
  const program = await record(() => createServingStack(sandbox), { preview: true });
  const { kubeconfig } = resource(program, "pulumi:providers:kubernetes::cluster").inputs;

  expect(warn.mock.calls).toEqual([
    [
      "There is no kubeconfig at /nowhere: previewing without a cluster, so nothing is compared with or checked in one.",
    ],
  ]);
  expect(kubeconfig).toEqual(secretValue(expect.any(String)));
  expect(parse(JSON.parse(JSON.stringify(kubeconfig)).value)).toMatchObject({ clusters: [], contexts: [], users: [] });
  expect(program.read).toEqual([]);
  expect(program.errors).toEqual([]);
});

describe("the program reads the stack's configuration", () => {
  async function run(config: Record<string, unknown>, secretKeys: string[] = []) {
    const texts = Object.entries(config).map(([key, value]) => [
      `vllm-serving:${key}`,
      typeof value === "string" ? value : JSON.stringify(value),
    ]);
    vi.stubEnv("PULUMI_CONFIG_SECRET_KEYS", JSON.stringify(secretKeys));
    vi.resetModules();
    await pulumi.runtime.setMocks({
      newResource: ({ name, inputs }) => ({ id: name, state: inputs }),
      call: () => ({}),
    });
    pulumi.runtime.setAllConfig({ ...Object.fromEntries(texts), "pulumi:disable-default-providers": "[]" });
    return import("../../src/program.js");
  }

  test("and exports the platform and the models", async () => {
    const program = await run({ ...sandbox });
    await pulumi.runtime.disconnect();
    expect(Object.keys(program).sort()).toEqual(["kept", "models", "platform"]);
    expect(Object.keys(program.models)).toEqual(["llama"]);
  });

  test("texts stay texts, and a secret is refused without being read", async () => {
    const program = run({ cluster: "production", platform: "hunter2", models: [] }, ["vllm-serving:platform"]);
    await expect(program).rejects.toThrow(
      [
        "The configuration of this stack has 2 problems:",
        "  vllm-serving:platform: Encrypted, but no field takes a secret: put it into a Kubernetes Secret and name that one, or write the value in plain if it is none.",
        '  vllm-serving:cluster: "production" must be a mapping with `expect`.',
      ].join("\n"),
    );
  });
});
