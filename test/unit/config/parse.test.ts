import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseConfiguration } from "../../../src/config/parse";
import { formatProblems } from "../../../src/config/problems";
import { validConfiguration, validModel, validPlatform } from "./valid-configuration";

/** The report's lines, without the indentation. */
function report(raw: Record<string, unknown>): string[] {
  const result = parseConfiguration(raw);
  return result.ok
    ? []
    : formatProblems(result.problems)
        .split("\n")
        .map((line) => line.trim());
}

function withCluster(cluster: unknown) {
  return { ...validConfiguration(), cluster };
}

function withPlatform(changes: Record<string, unknown>) {
  return { ...validConfiguration(), platform: { ...validPlatform(), ...changes } };
}

function withModel(changes: Record<string, unknown>) {
  return { ...validConfiguration(), models: [{ ...validModel(), ...changes }] };
}

function withModels(...changes: Record<string, unknown>[]) {
  return { ...validConfiguration(), models: changes.map((change) => ({ ...validModel(), ...change })) };
}

test("a valid configuration comes back as it is, also one of a platform alone", () => {
  expect(parseConfiguration(validConfiguration())).toEqual({ ok: true, configuration: validConfiguration() });
  const platformAlone = { ...validConfiguration(), models: [] };
  expect(parseConfiguration(platformAlone)).toEqual({ ok: true, configuration: platformAlone });
});

describe("the form of a configuration: one thing wrong", () => {
  const key = "vllm-serving:";
  const model = "vllm-serving:models[0].";
  test.each<[what: string, raw: Record<string, unknown>, line: string]>([
    [
      "nothing about models",
      { cluster: validConfiguration().cluster, platform: validPlatform() },
      `${key}models: Missing: it must be a list of models.`,
    ],
    [
      "models not a list",
      { ...validConfiguration(), models: "llama" },
      `${key}models: "llama" must be a list of models.`,
    ],
    [
      "a model that is a word",
      { ...validConfiguration(), models: ["llama"] },
      `${key}models[0]: "llama" must be a mapping with \`name\`, \`namespace\`, \`weights\`, \`replicas\`.`,
    ],
    [
      "a misspelt key of the namespace",
      { ...validConfiguration(), modles: [] },
      `${key}modles: No such key. Did you mean models?`,
    ],
    [
      "a misspelt field",
      withModel({ replicas: { max: 7, minn: 1 } }),
      `${model}replicas.minn: No such key. Did you mean min?`,
    ],
    [
      "a short key that is like none",
      withModel({ slo: { p99: 75 } }),
      `${model}slo.p99: No such key. There are itl, tpot, ttft, e2e, queueTime.`,
    ],
    [
      "an abbreviation",
      withModel({ weights: { hf: {} } }),
      `${model}weights.hf: No such key. Did you mean huggingFace?`,
    ],
    [
      "what YAML writes as .nan",
      withModel({ replicas: { max: Number.NaN } }),
      `${model}replicas.max: NaN, no finite number, must be a number.`,
    ],
    [
      "what YAML writes as .inf",
      withModel({ startup: { loadSeconds: Number.POSITIVE_INFINITY } }),
      `${model}startup.loadSeconds: Infinity, no finite number, must be a number of seconds.`,
    ],
    [
      "a field like no other",
      withPlatform({ keda: { colour: "blue" } }),
      `${key}platform.keda.colour: No such key. There are mode, retainOnDelete, version, namespace, chart, operator, serviceAccount.`,
    ],
    ["a number in quotes", withModel({ replicas: { max: "7" } }), `${model}replicas.max: "7" must be a number.`],
    [
      "seconds in words",
      withModel({ startup: { loadSeconds: "1m" } }),
      `${model}startup.loadSeconds: "1m" must be a number of seconds.`,
    ],
    [
      "a version that YAML read as a number",
      withModel({ vllmVersion: 0.3 }),
      `${model}vllmVersion: 0.3 must be a release in quotes, such as "1.2.3".`,
    ],
    [
      "a missing field",
      withModel({ weights: { nfs: { path: "/models" } } }),
      `${model}weights.nfs.server: Missing: it must be a host name or address, a string.`,
    ],
    [
      "a key with nothing after it",
      withModel({ replicas: null }),
      `${model}replicas: Nothing is written here: it must be a mapping with \`max\`.`,
    ],
    [
      "a list for a mapping",
      withModel({ slo: [{ itl: 75 }] }),
      `${model}slo: This is a list: it must be a mapping of itl, tpot, ttft, e2e, queueTime.`,
    ],
    [
      "queries a second by the name that KServe does not have (trap 50)",
      {
        ...withModel({ scaling: { knative: { metric: "qps", target: 5 } } }),
        platform: { ...validPlatform(), knative: { mode: "existing" } },
      },
      `${model}scaling.knative.metric: "qps" must be concurrency, rps, cpu, or memory.`,
    ],
    [
      "an unknown choice",
      withPlatform({ distribution: "k8s" }),
      `${key}platform.distribution: "k8s" must be kubernetes or openshift.`,
    ],
    [
      "an unknown choice of three",
      withModel({ tolerations: [{ effect: "Never" }] }),
      `${model}tolerations[0].effect: "Never" must be NoSchedule, PreferNoSchedule, or NoExecute.`,
    ],
    ["a word for a switch", withModel({ podMonitor: "no" }), `${model}podMonitor: "no" must be true or false.`],
    ["an empty text", withModel({ servedModelName: "" }), `${model}servedModelName: "" must be a name, not empty.`],
    [
      "a number among texts",
      withModel({ podMonitorLabels: { team: 7 } }),
      `${model}podMonitorLabels.team: 7 must be a string in quotes.`,
    ],
    [
      "no expected cluster",
      withCluster({ expect: {} }),
      `${key}cluster.expect: This is an empty mapping: it must be a mapping with \`context\` or \`server\`, by which the right cluster is known.`,
    ],
    [
      "any cluster",
      withCluster({ expect: { context: "*" } }),
      `${key}cluster.expect.context: "*" must be the name of a context, with more in it than *.`,
    ],
    [
      "a relative kubeconfig",
      withCluster({ kubeconfig: "kubeconfig", expect: { context: "a" } }),
      `${key}cluster.kubeconfig: It must be the path of a kubeconfig file, absolute or beginning with ~/. The value is not shown, as it may be a secret.`,
    ],
  ])("%s", (_, raw, line) => {
    expect(report(raw)).toEqual([line]);
  });
});

describe("bounds, which the parts that use the values know", () => {
  test.each<[what: string, raw: Record<string, unknown>, path: string, message: string]>([
    [
      "too few replicas",
      withModel({ replicas: { max: 0 } }),
      "models[0].replicas.max",
      "0 must be a whole number of at least 1.",
    ],
    [
      "more at least than at most",
      withModel({ replicas: { min: 3, max: 2 } }),
      "models[0].replicas.max",
      "2 is below replicas.min, 3",
    ],
    [
      "more GPUs than budgeted",
      withModel({ capacity: { profile: "llama-3.1-8b-l4", promptTokens: 3072, outputTokens: 1200, gpuBudget: 4 } }),
      "models[0].replicas.max",
      "above the budget of 4",
    ],
    [
      "an objective that cannot be kept",
      withModel({ slo: { itl: { atMostMs: 40 } } }),
      "models[0].slo.itl.atMostMs",
      "40 ms cannot be kept",
    ],
    ["no objective", withModel({ slo: {} }), "models[0].slo", "itl, tpot, ttft, e2e, queueTime"],
    [
      "a quantile of more than everything",
      withModel({ slo: { itl: { atMostMs: 75, quantile: 1.5 } } }),
      "models[0].slo.itl.quantile",
      "1.5",
    ],
    ["no capacity", withModel({ capacity: {} }), "models[0].capacity", "llama-3.1-8b-l4"],
    ["an unknown profile", withModel({ capacity: { profile: "gpt" } }), "models[0].capacity.profile", '"gpt"'],
    [
      "lengths outside the profile",
      withModel({
        capacity: { profile: "llama-3.1-8b-l4", promptTokens: 99_999, outputTokens: 1200 },
        maxModelLen: 131_072,
      }),
      "models[0].capacity.promptTokens",
      "1 to 8192",
    ],
    [
      "a load the context cannot hold",
      withModel({
        capacity: { profile: "llama-3.1-8b-l4", promptTokens: 3072, outputTokens: 1200 },
        maxModelLen: 4096,
      }),
      "models[0].maxModelLen",
      "is 4096, but a mean request has 4272 tokens",
    ],
    [
      "a load that the replicas cannot carry",
      withModel({
        capacity: { concurrencyPerReplica: 10 },
        replicas: { min: 1, max: 3 },
        load: { requestsPerSecond: 2, secondsPerRequest: 20 },
      }),
      "models[0].replicas.max",
      "3 cannot carry load.requestsPerSecond: 2 requests a second of 20 s each are 40 in flight (2 x 20), a replica is asked to carry 8, and ceil(40 / 8) = 5.",
    ],
    [
      "a burst that the least replicas cannot carry",
      withModel({
        capacity: { concurrencyPerReplica: 10 },
        replicas: { min: 1, max: 7 },
        startup: { imagePullSeconds: 60, loadSeconds: 60, compileSeconds: 45 },
        load: {
          requestsPerSecond: 2,
          secondsPerRequest: 20,
          burst: { requestsPerSecond: 1, withinSeconds: 60 },
        },
      }),
      "models[0].replicas.min",
      "1 cannot carry load.burst: within 60 s the load rises to 1 requests a second",
    ],
    [
      "a load in words",
      withModel({ load: { requestsPerSecond: "many" } }),
      "models[0].load.requestsPerSecond",
      "requests a second",
    ],
    ["no weights", withModel({ weights: {} }), "models[0].weights", "there is none"],
    [
      "weights twice",
      withModel({ weights: { nfs: { server: "nfs", path: "/" }, existingClaim: "claim" } }),
      "models[0].weights",
      "there is nfs and existingClaim",
    ],
    ["a name Kubernetes refuses", withModel({ name: "LLAMA" }), "models[0].name", '"LLAMA"'],
    ["a namespace Kubernetes refuses", withModel({ namespace: "My_NS" }), "models[0].namespace", '"My_NS"'],
    ["a URL that is none", withPlatform({ prometheus: { url: "prometheus:9090" } }), "platform.prometheus.url", "http"],
    [
      "a URL with a query",
      withPlatform({ prometheus: { url: "http://prometheus:9090?x=1" } }),
      "platform.prometheus.url",
      '"?"',
    ],
    ["a KEDA too old", withPlatform({ keda: { version: "2.10.0" } }), "platform.keda.version", "2.10.0"],
    ["a Kubernetes too old", withPlatform({ kubernetesVersion: "1.20.0" }), "platform.kubernetesVersion", "1.20.0"],
    [
      "a GPU the platform has not",
      withModel({ capacity: { concurrencyPerReplica: 7 }, gpuProduct: "NVIDIA-A10" }),
      "models[0].gpuProduct",
      '"NVIDIA-A10"',
    ],
  ])("%s", (_, raw, path, message) => {
    expect(report(raw)).toEqual([expect.stringMatching(`^vllm-serving:${escaped(path)}: .*${escaped(message)}`)]);
  });
});

describe("models that do not go together", () => {
  test("two of one name", () => {
    expect(report(withModels({}, { namespace: "other" }))).toEqual([
      'vllm-serving:models[1].name: "llama" is the name of models[0] too: give each model of a stack its own.',
    ]);
  });

  test("two that serve one name in one namespace (trap 24)", () => {
    expect(report(withModels({}, { name: "other", servedModelName: "llama" }))).toEqual([
      'vllm-serving:models[1].servedModelName: "llama" is what models[0] of the same namespace serves too: their metrics could not be told apart. Take another name or another namespace.',
    ]);
    expect(report(withModels({}, { name: "other", servedModelName: "llama", namespace: "other" }))).toEqual([]);
  });

  test("two that make one namespace", () => {
    expect(report(withModels({ createNamespace: true }, { name: "other", createNamespace: true }))).toEqual([
      'vllm-serving:models[1].createNamespace: models[0] makes the namespace "llm" already: leave it out here.',
    ]);
  });

  test("a shared TriggerAuthentication that nobody makes, or that would wait for its user", () => {
    const prometheus = { url: "https://prometheus:9090", authentication: "boundServiceAccountToken" };
    const shared = (first: object, second: object) => ({
      ...withPlatform({ prometheus }),
      models: [
        { ...validModel(), name: "a", ...first },
        { ...validModel(), name: "b", ...second },
      ],
    });
    const ofB = { prometheusTriggerAuthentication: "b-prometheus" };
    expect(report(shared(ofB, {}))).toEqual([]);
    expect(report(shared(ofB, { prometheusTriggerAuthentication: "mine" }))).toEqual([
      'vllm-serving:models[0].prometheusTriggerAuthentication: "b-prometheus" would be that of models[1], which makes none: it names "mine". Name the same here.',
    ]);
    expect(report(shared({ ...ofB, createNamespace: true }, {}))).toEqual([
      'vllm-serving:models[0].prometheusTriggerAuthentication: "b-prometheus" is made by models[1] in the namespace that this model makes, so each would wait for the other. Let this one make its own, and name that in models[1].',
    ]);
  });

  test("more GPUs together than the platform has", () => {
    const pair = { name: "pair", gpus: 2, replicas: { max: 2 }, capacity: { concurrencyPerReplica: 7 } };
    const raw = (budget: number) => ({
      ...withModels({ replicas: { max: 5 } }, pair),
      platform: { ...validPlatform(), gpus: { budget } },
    });
    expect(report(raw(9))).toEqual([]);
    expect(report(raw(7))).toEqual([
      'vllm-serving:platform.gpus.budget: 7 GPUs are fewer than the 9 that the models may use together (replicas.max x gpus: models[0] "llama" 5 x 1 = 5, models[1] "pair" 2 x 2 = 4): the last replicas would stay Pending. Take 2 off their replicas.max x gpus, or raise it.',
    ]);
    expect(report(raw(4))).toEqual([
      "vllm-serving:models[0].replicas.max: is 5, which at 1 GPU a replica is 5 GPUs, above the 4 that all models may use together (the platform's gpus.budget). Set it to at most 4, or raise that.",
      expect.stringMatching(/^vllm-serving:platform\.gpus\.budget: 4 GPUs are fewer than the 9 /),
    ]);
    expect(report(raw(0))).toEqual([
      "vllm-serving:platform.gpus.budget: is 0; it must be a whole number of at least 1.",
    ]);
  });

  test("a number of replicas that is none is not added up", () => {
    const raw = {
      ...withModels({}, { name: "other", replicas: { max: "9" } }),
      platform: { ...validPlatform(), gpus: { budget: 7 } },
    };
    expect(report(raw).map(pathOf)).toEqual(["models[1].replicas.max"]);
  });

  test("a name that is no text is no name of another model", () => {
    expect(report(withModels({ name: 5 }, { name: 5 })).map(pathOf)).toEqual(["models[0].name", "models[1].name"]);
  });
});

describe("several at once", () => {
  test("all of them, in every part", () => {
    const raw = {
      cluster: { expect: {} },
      platform: { distribution: "k8s", prometheus: { url: "prometheus" }, kedaa: {} },
      models: [
        { ...validModel(), namespace: "My_NS", replicas: { max: 0 }, slo: { itl: { atMostMs: 40 } } },
        { ...validModel(), name: "other", startup: { loadSeconds: "1m" }, weights: {} },
        { ...validModel(), name: "third", namespace: 7, capacity: { profile: "gpt" } },
      ],
    };
    expect(report(raw).map(pathOf).sort()).toEqual([
      "cluster.expect",
      "models[0].namespace",
      "models[0].replicas.max",
      "models[0].slo.itl.atMostMs",
      "models[1].startup.loadSeconds",
      "models[1].weights",
      "models[2].capacity.profile",
      "models[2].namespace",
      "platform.distribution",
      "platform.kedaa",
      "platform.prometheus.url",
    ]);
  });

  test("bounds of one field that contradict each other", () => {
    const raw = withModel({
      replicas: { max: 3 },
      capacity: { concurrencyPerReplica: 10, gpuBudget: 2 },
      load: { requestsPerSecond: 2, secondsPerRequest: 20 },
    });
    expect(report(raw)).toEqual([
      "vllm-serving:models[0].replicas.max: 3 replicas of 1 GPU are 3 GPUs, above the budget of 2: replicas beyond it would stay pending. Set it to at most 2 or raise capacity.gpuBudget.",
      expect.stringContaining("models[0].replicas.max: 3 cannot carry load.requestsPerSecond"),
    ]);
  });

  test.each<[what: string, model: Record<string, unknown>, lines: string[]]>([
    [
      "a length in words beside one that is none",
      { capacity: { profile: "llama-3.1-8b-l4", promptTokens: "3k", outputTokens: -1 } },
      [
        'capacity.promptTokens: "3k" must be a number.',
        "capacity.outputTokens: -1 is outside 1 to 4096, the lengths profile llama-3.1-8b-l4 is valid for. Use lengths within, another profile, or capacity.concurrencyPerReplica.",
      ],
    ],
    [
      "a profile that is not shipped beside a headroom that there is not",
      { capacity: { profile: "gpt", promptTokens: 3072, outputTokens: 1200, headroom: "much" } },
      [
        'capacity.headroom: "much" must be loose or contractual.',
        expect.stringContaining('capacity.profile: is "gpt", which is not shipped.'),
      ],
    ],
    [
      "each field of an objective, and another objective",
      { slo: { itl: { atMostMs: "75", quantile: 99 }, ttft: { atMostMs: -1 } } },
      [
        'slo.itl.atMostMs: "75" must be a number of milliseconds.',
        expect.stringContaining("slo.itl.quantile: 99 is not a quantile"),
        expect.stringContaining("slo.ttft.atMostMs: -1 is not a bound"),
      ],
    ],
    [
      "figures of Knative beside a word, and that there is none",
      { scaling: { knative: { target: "five", windowSeconds: 5, panicWindowPercent: 0 } } },
      [
        'scaling.knative.target: "five" must be a number.',
        expect.stringContaining("scaling.knative: needs Knative Serving"),
        expect.stringContaining("scaling.knative.windowSeconds: is 5; it must be"),
        expect.stringContaining("scaling.knative.panicWindowPercent: is 0; it must be"),
      ],
    ],
    [
      "a key that there is not, beside bounds",
      { replicas: { max: 0, least: 1 }, startup: { loadSeconds: "1m", compileSeconds: -5 } },
      [
        "replicas.least: No such key. There are min, max.",
        'startup.loadSeconds: "1m" must be a number of seconds.',
        expect.stringContaining("startup.compileSeconds: is -5"),
        expect.stringContaining("replicas.max: 0 must be a whole number"),
      ],
    ],
  ])("%s", (_, model, lines) => {
    const found = report(withModel(model)).map((line) => line.replace("vllm-serving:models[0].", ""));
    expect(found).toEqual(lines);
  });

  test("nothing that follows from what stands in for a malformed value", () => {
    const capacity = { profile: "llama-3.1-8b-l4", promptTokens: "3k", outputTokens: 1200 };
    const load = { requestsPerSecond: 100 };
    expect(report(withModel({ capacity, load, slo: { itl: { atMostMs: 40 } } })).map(pathOf)).toEqual([
      "models[0].capacity.promptTokens",
    ]);
    expect(report(withModel({ slo: undefined, scaling: { hpa: { metric: "gpu" } } })).map(pathOf)).toEqual([
      "models[0].slo",
      "models[0].scaling.hpa.metric",
      "models[0].scaling.hpa.targetPercent",
    ]);
  });

  test("an empty configuration says what there has to be", () => {
    expect(report({})).toEqual([
      "vllm-serving:cluster: Missing: it must be a mapping with `expect`.",
      "vllm-serving:platform: Missing: it must be a mapping with `distribution`.",
      "vllm-serving:models: Missing: it must be a list of models.",
    ]);
  });

  test("with a malformed policy field the others of the policy are not judged by a made-up one", () => {
    expect(report(withModel({ slo: { itl: { atMostMs: 40 } }, capacity: 5 })).map(pathOf)).toEqual([
      "models[0].capacity",
    ]);
  });

  test("with malformed GPUs of the platform a model's GPU is not judged", () => {
    const raw = {
      ...withPlatform({ gpus: 5 }),
      models: [{ ...validModel(), gpuProduct: "NVIDIA-A10", capacity: { concurrencyPerReplica: 7 } }],
    };
    expect(report(raw).map(pathOf)).toEqual(["platform.gpus"]);
  });
});

describe("secrets", () => {
  const secret = "hunter2";

  test("encrypted values are refused where they are, and nothing else is said of them", () => {
    const encrypted = { secure: secret };
    const raw = withModel({ apiKey: encrypted, replicas: { max: encrypted }, extraArgs: [encrypted] });
    const message =
      "Encrypted, but no field takes a secret: put it into a Kubernetes Secret and name that one, or write the value in plain if it is none.";
    expect(report(raw).sort()).toEqual([
      `vllm-serving:models[0].apiKey: ${message}`,
      `vllm-serving:models[0].extraArgs[0]: ${message}`,
      `vllm-serving:models[0].replicas.max: ${message}`,
    ]);
    expect(report({ ...validConfiguration(), models: encrypted }).map(pathOf)).toEqual(["models"]);
  });

  test.each<[what: string, raw: Record<string, unknown>]>([
    ["an API key in plain", withModel({ apiKey: secret })],
    ["an API key's parts of another type", withModel({ apiKey: { name: [secret], key: { inner: secret } } })],
    ["a kubeconfig instead of its path", withCluster({ kubeconfig: `token: ${secret}`, expect: { context: "a" } })],
    ["a URL with a password", withPlatform({ prometheus: { url: `http://user:${secret}@prometheus:9090` } })],
    [
      "a URL with a password and a bad port",
      withPlatform({ prometheus: { url: `http://user:${secret}@prometheus:port` } }),
    ],
    ["an argument", withModel({ extraArgs: secret })],
    ["a trigger's metadata", withModel({ extraTriggers: [{ type: "cron", metadata: secret }] })],
  ])("%s is not repeated", (_, raw) => {
    expect(report(raw)).not.toEqual([]);
    expect(report(raw).join("\n")).not.toContain(secret);
  });
});

test("whatever is written, there is a report and no exception", () => {
  const keys = ["name", "replicas", "slo", "itl", "expect", "prometheus", "secure", "toString", "__proto__"];
  const value = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      fc.jsonValue({ maxDepth: 1 }),
      fc.array(tie("value"), { maxLength: 3 }),
      tie("mapping"),
    ),
    mapping: fc.dictionary(fc.constantFrom(...keys), tie("value"), { maxKeys: 4 }),
  })).value;
  fc.assert(
    fc.property(value, value, value, (cluster, platform, model) => {
      const raw = { cluster, platform, models: [{ ...validModel(), slo: model }, model], unknown: 1 };
      expect(report(raw)).toContainEqual(expect.stringContaining("vllm-serving:unknown: No such key."));
    }),
    { numRuns: 200 },
  );
});

function pathOf(line: string): string {
  return line.replace(/^vllm-serving:/, "").replace(/: .*$/, "");
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
