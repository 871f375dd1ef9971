import { describe, expect, it } from "vitest";
import { fixed, lint, readYaml, rules } from "../../../src/lint";
import { options } from "./options";

// Shapes that public repositories have, each written here by hand.

interface Trigger {
  query?: string;
  threshold?: string;
  type?: string;
  /** Lines of metadata. */
  metadata?: string[];
  /** Lines beside `type`. */
  beside?: string[];
}

interface Policy {
  name?: string;
  target?: string;
  /** Lines of `spec`. */
  spec?: string[];
  triggers: Trigger[];
}

const address = "serverAddress: http://prometheus-operated.monitoring.svc:9090";
const lines = (spaces: number, texts: readonly string[]) =>
  texts.map((text) => `${text.replace(/^/gm, " ".repeat(spaces))}\n`).join("");

function policy({ name = "policy", target = "server", spec = ["minReplicaCount: 1"], triggers }: Policy): string {
  const written = triggers.map(
    ({ query, threshold = '"5"', type = "prometheus", metadata = [address], beside = [] }) =>
      `    - type: ${type}\n${lines(6, beside)}      metadata:\n${lines(8, [
        ...metadata,
        ...(query === undefined ? [] : [`query: |\n  ${query}`, `threshold: ${threshold}`]),
      ])}`,
  );
  return `apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata:
  name: ${name}
  namespace: models
spec:
  scaleTargetRef:
    name: ${target}
${lines(2, spec)}  triggers:
${written.join("")}`;
}

const all = (...texts: string[]) => lint([readYaml("given.yaml", texts.join("---\n"))], options());
const messages = (id: string, ...texts: string[]) =>
  all(...texts)
    .filter(({ rule }) => rule === id)
    .map(({ message }) => message);
const withQuery = (query: string, more: Partial<Policy> = {}) => policy({ triggers: [{ query }], ...more });
const bad = (id: string) => rules.find((rule) => rule.id === id)?.bad ?? "";

describe("bounds, as KEDA compares them", () => {
  const bounds = (...spec: string[]) => messages("bounds-contradict", policy({ spec, triggers: [{ query: "up" }] }));

  it("a minimum of 0 counts as 1", () => {
    // As kedacore/keda tests/internals/value_metric_type/value_metric_type_test.go has it.
    expect(bounds("minReplicaCount: 0", "idleReplicaCount: 0", "maxReplicaCount: 4")).toEqual([]);
    expect(bounds("minReplicaCount: 0", "idleReplicaCount: 1")).toEqual([
      "idleReplicaCount 1 is not below minReplicaCount, 0: KEDA refuses it.",
    ]);
    expect(bounds("minReplicaCount: 0", "maxReplicaCount: 0")).toEqual([
      "minReplicaCount 0, which counts as 1, is above the maximum of 0: KEDA refuses it.",
    ]);
  });

  it("one that is no number is not compared", () => {
    expect(bounds("minReplicaCount: few", "idleReplicaCount: 0")).toEqual([]);
  });

  it("one that is not written counts as 0", () => {
    expect(bounds("idleReplicaCount: 0")).toEqual([
      "idleReplicaCount 0 is not below minReplicaCount, which is not written: KEDA refuses it.",
    ]);
  });
});

describe("several-series", () => {
  const several = (query: string, beside?: string[]) =>
    all(policy({ triggers: [{ query, ...(beside && { beside }) }] })).filter(({ rule }) => rule === "several-series");

  it.each([
    // As kedacore/keda tests/secret-providers/hashicorp_vault and llm-d's docs/integrations/keda-integration.md have it.
    [0, 'http_requests_total{app="shop"}'],
    [0, 'wva_desired_replicas{variant_name="llama",exported_namespace="models"}'],
    [0, "rate(http_requests_total[2m])"],
    [1, "vllm:num_requests_waiting"],
    [1, "vllm:num_requests_waiting / http_requests_total"],
    [1, "DCGM_FI_DEV_GPU_UTIL"],
  ])("%i findings: %s", (count, query) => {
    expect(several(query)).toHaveLength(count);
  });

  it.each([
    ["vllm:num_requests_waiting", undefined, "Put sum(...) around it."],
    ["vllm:kv_cache_usage_perc", undefined, "Put sum(...) around it."],
    ["vllm:kv_cache_usage_perc", ["metricType: Value"], "Put avg(...) around it."],
    [
      "histogram_quantile(0.95, rate(vllm:time_to_first_token_seconds_bucket[2m]))",
      ["metricType: Value"],
      "Write sum by (le) (...) around the rate, inside of histogram_quantile.",
    ],
  ])("%s is mended by what fits it", (query, beside, fix) => {
    expect(several(query, beside)).toMatchObject([{ fix }]);
  });
});

describe("credentials", () => {
  const authentication = (...parameters: string[]) => `apiVersion: keda.sh/v1alpha1
kind: TriggerAuthentication
metadata: {name: prometheus, namespace: models}
spec:
  secretTargetRef:
${lines(
  4,
  parameters.map((parameter) => `- {parameter: ${parameter}, name: prometheus, key: ${parameter}}`),
)}`;
  const asks = (...metadata: string[]) =>
    policy({
      triggers: [{ query: "up", metadata: [address, ...metadata], beside: ["authenticationRef: {name: prometheus}"] }],
    });

  it("of AWS and Google need no mode, and the mode may be among them or have the older name", () => {
    const unused = (policyText: string, ...parameters: string[]) =>
      messages("credentials-not-used", policyText, authentication(...parameters));
    expect(unused(asks(), "bearerToken", "ca")).toHaveLength(1);
    // As kedacore/keda tests/scalers/aws/aws_managed_prometheus has it.
    expect(unused(asks("awsRegion: eu-west-1"), "awsAccessKeyID", "awsSecretAccessKey")).toEqual([]);
    expect(unused(asks(), "GoogleApplicationCredentials")).toEqual([]);
    expect(unused(asks(), "authModes", "bearerToken")).toEqual([]);
    expect(unused(asks("authMode: bearer"), "bearerToken")).toEqual([]);
  });

  it("are sent only where there are some", () => {
    const unchecked = (beside: string[], serverAddress: string) =>
      messages(
        "certificate-not-checked",
        policy({
          triggers: [{ query: "up", metadata: [`serverAddress: ${serverAddress}`, 'unsafeSsl: "true"'], beside }],
        }),
      );
    expect(unchecked(["authenticationRef: {name: prometheus}"], "https://prometheus:9090")).toEqual([
      "trigger 0 sends its credentials without checking who answers.",
    ]);
    expect(unchecked([], "https://prometheus:9090")).toEqual(["trigger 0 asks without checking who answers."]);
    expect(unchecked([], "http://prometheus:9090")).toEqual([]);
  });

  it.each([
    [0, "authMode: bearer"],
    [0, "credentialsFromEnv: GOOGLE_CREDENTIALS"],
    [0, "cloud: AzurePublicCloud"],
    [0, "metricName: requests"],
    [1, "cortexOrgID: tenant"],
    [1, "activationTreshold: '1'"],
  ])("%i findings about metadata: %s", (count, key) => {
    expect(messages("unknown-metadata", asks(key))).toHaveLength(count);
  });
});

it("a window is too short where pods are known to be scraped as rarely", () => {
  // As KEDA's docs have it for a shop.
  expect(messages("rate-window-too-short", withQuery("sum(rate(http_requests_total[1m]))"))).toEqual([]);
  expect(messages("rate-window-too-short", withQuery("sum(rate(vllm:request_success_total[1m]))"))).toHaveLength(1);
});

describe("a metric that is gone", () => {
  const gone = (query: string, ...metadata: string[]) =>
    messages("outage-reads-as-idle", policy({ triggers: [{ query, metadata: [address, ...metadata] }] }));
  const strict = 'ignoreNullValues: "false"';
  const running = "sum(vllm:num_requests_running)";
  const waiting = "sum(vllm:num_requests_waiting)";

  it.each([
    [`${running} or vector(0)`],
    [`(${running} or vector(0)) + (${waiting} or vector(0))`],
    ["sum(vllm:num_requests_running or vector(0))"],
    [`(100 * (${running} or vector(0))) / 3`],
    [`max_over_time((${running} or vector(0))[5m:15s])`],
    [`-(${running} or vector(0))`],
  ])("reads as no load by the query itself: %s", (query) => {
    const [message, ...others] = gone(query, strict);
    expect(message).toBe(
      "When trigger 0 finds no series, the query itself gives 0, whatever ignoreNullValues says: the HPA scales in to 1, though the service is at work and only its monitoring is not.",
    );
    expect(others).toEqual([]);
    expect(gone(query)).toEqual([message]);
  });

  it.each([
    [running],
    [`${running} or vector(50)`],
    [`(${running} > 0) or (0 * ${waiting})`],
    [`(${running} or vector(0)) + ${waiting}`],
    [`${running} and vector(0)`],
    [`${running} + 0`],
  ])("does not by %s", (query) => {
    expect(gone(query, strict)).toEqual([]);
    expect(gone(query)).toEqual([
      "When trigger 0 finds no series, KEDA reads 0 and the HPA scales in to 1, though the service is at work and only its monitoring is not.",
    ]);
  });
});

describe("what wakes the first replica", () => {
  it("is the router's counter of requests, too", () => {
    // As vllm-project/production-stack tutorials/20-keda-autoscaling.md has it.
    const keepalive = "sum(rate(vllm:num_incoming_requests_total[1m]) > bool 0)";
    const fromZero = (...queries: string[]) =>
      messages(
        "zero-without-waker",
        policy({ spec: ["minReplicaCount: 0"], triggers: queries.map((query) => ({ query })) }),
      );
    expect(fromZero("sum(vllm:num_requests_waiting)", keepalive)).toEqual([]);
    expect(fromZero("sum(vllm:num_requests_waiting)")).toHaveLength(1);
  });

  it("has as long as the readiness and the whole request allow, not the header of the answer", () => {
    const route = (timeouts: string) => `apiVersion: http.keda.sh/v1beta1
kind: InterceptorRoute
metadata: {name: llama, namespace: models}
spec:
  target: {service: llama-predictor, port: 80}
  timeouts: {${timeouts}}
`;
    const short = (timeouts: string) => messages("http-wait-shorter-than-start", route(timeouts));
    expect(short("readiness: 600s, responseHeader: 60s, request: 0s")).toEqual([]);
    expect(short("readiness: 0s, request: 60s")).toEqual([
      "A request has 60 s in all, and a start takes 120 s: whoever wakes the model gets an error.",
    ]);
  });
});

describe("a load that is divided by the replicas", () => {
  it.each([
    ['sum(vllm:num_requests_waiting) / sum(kube_deployment_status_replicas{deployment="vllm"})'],
    ['sum(vllm:num_requests_waiting) / max(kube_deployment_spec_replicas{deployment="vllm"})'],
    ['sum(vllm:num_requests_waiting) / scalar(sum(up{job="vllm"}))'],
    ['sum(vllm:num_requests_waiting) / scalar(count(up{job="vllm"} == 1) or vector(1))'],
    ['sum(vllm:num_requests_waiting) / on() kube_statefulset_status_replicas_ready{statefulset="vllm"}'],
  ])("is not divided again: %s", (query) => {
    expect(messages("intensive-average-value", withQuery(query))).toHaveLength(1);
  });

  it("asks for no more than there may be", () => {
    const spec = ["minReplicaCount: 1", "maxReplicaCount: 2"];
    expect(messages("intensive-average-value", withQuery("max(vllm:num_requests_running)", { spec }))).toEqual([
      "The HPA divides trigger 0 by its threshold, whatever runs: it asks for ceil(value / 5) replicas. It asks for 2 above 5.5, beyond the HPA's tolerance.",
    ]);
  });
});

describe("names", () => {
  it("of vLLM's metrics with an underscore are what something else would have to write", () => {
    const [finding, ...others] = all(withQuery("sum(vllm_num_requests_waiting) + sum(vllm_queue_length)")).filter(
      ({ rule }) => rule === "unknown-vllm-metric",
    );
    expect(finding).toMatchObject({
      severity: "warning",
      message:
        "vLLM writes vllm:num_requests_waiting. Unless something before Prometheus renames it to vllm_num_requests_waiting, trigger 0 reads nothing, and scales nothing.",
    });
    expect(others).toEqual([]);
  });

  it.each([
    [1, "vllm-llama3-deployment-vllm"],
    [1, "vllm"],
    [0, "vllm-router"],
    [0, "vllm-webui"],
    [0, "shop"],
  ])("of workloads: %i findings about how busy the GPU is as the signal of %s", (count, target) => {
    expect(messages("utilization-as-signal", withQuery("avg(DCGM_FI_DEV_GPU_UTIL)", { target }))).toHaveLength(count);
  });
});

it.each([
  [1, "sum(vllm:num_requests_waiting) / scalar(sum(up))"],
  [1, 'sum(vllm:num_requests_waiting) / sum(kube_deployment_status_replicas{deployment="vllm"})'],
  [0, "sum(vllm:num_requests_waiting) + sum(queue_length)"],
])("%i findings about the queue as the only signal: %s", (count, query) => {
  expect(messages("queue-alone", withQuery(query))).toHaveLength(count);
});

describe("what a ScaledObject has in quotes", () => {
  const unquoted = (text: string) => messages("metadata-not-text", text);

  it("is the metadata of triggers of any type, but for what has a rule of its own or is not known yet", () => {
    const metadata = [
      address,
      "ignoreNullValues: false",
      "activationThreshold: 1",
      'unsafeSsl: "{{ .Values.unsafe }}"',
      "namespace:",
    ];
    const text = policy({
      triggers: [
        { query: "sum(up)", threshold: "5", metadata },
        { type: "cron", metadata: ["desiredReplicas: 10", "timezone: Europe/Berlin"] },
      ],
    });
    expect(unquoted(text)).toEqual([
      "ignoreNullValues is false without quotes where the API wants a string: the API server refuses the object.",
      "activationThreshold is 1 without quotes where the API wants a string: the API server refuses the object.",
      "desiredReplicas is 10 without quotes where the API wants a string: the API server refuses the object.",
    ]);
    const mended = fixed(readYaml("given.yaml", text), options()).text;
    expect(mended).toMatch(/ignoreNullValues: "false"\n +activationThreshold: "1"/);
    expect(mended).toContain('desiredReplicas: "10"');
    expect(unquoted(mended)).toEqual([]);
  });

  it("is the target of a formula", () => {
    // As kedacore/keda-docs scalers/rabbitmq-queue.md has it.
    const spec = ["advanced: {scalingModifiers: {formula: max(ratio, length / 1000), target: 1.2}}"];
    const triggers = ["ratio", "length"].map((name) => ({ query: "sum(up)", beside: [`name: ${name}`] }));
    expect(unquoted(policy({ spec, triggers }))).toHaveLength(1);
  });
});

describe("variables of a formula", () => {
  const unknown = (formula: string, ...names: string[]) =>
    messages(
      "formula-without-names",
      policy({
        spec: [`advanced: {scalingModifiers: {formula: ${JSON.stringify(formula)}, target: "5"}}`],
        triggers: names.map((name) => ({ query: "sum(up)", beside: [`name: ${name}`] })),
      }),
    ).map((message) => /called (\S+),/.exec(message)?.[1] ?? message);

  it.each([
    // As KEDA's tests and documentation have them.
    ["count([kw_trig,metrics_api],{#>1}) > 1 ? 5 : 0"],
    ["kw_trig < 2 ? kw_trig+metrics_api : 5"],
    ["metrics_api ?? kw_trig ?? 8"],
    ["float(min(kw_trig, 1e3) + 2.5 * metrics_api)"],
    ["not (kw_trig > 1) and metrics_api in [1, 2] ? 1 : 2"],
    ["let load = kw_trig; load + metrics_api"],
    ['kw_trig > 1 && "unknown" != `other` ? 1 : metrics_api // a remark'],
  ])("are triggers: %s", (formula) => {
    expect(unknown(formula, "kw_trig", "metrics_api")).toEqual([]);
  });

  it("are not CPU and memory, which need no name", () => {
    const spec = ['advanced: {scalingModifiers: {formula: load + cpu_use, target: "5"}}'];
    const load = { query: "sum(up)", beside: ["name: load"] };
    const cpu = (beside: string[]) => ({ type: "cpu", metadata: ['value: "50"'], beside });
    const found = (...beside: string[]) =>
      messages("formula-without-names", policy({ spec, triggers: [load, cpu(beside)] }));
    const missing = "No trigger is called cpu_use, which the formula names: KEDA refuses the object.";
    expect(found()).toEqual([missing]);
    expect(found("name: cpu_use")).toEqual([missing]);
  });

  it.each([
    ["max(target, 1)", ["target"]],
    ["in-flight * 2", ["flight"]],
    ["kw_trig + missing + missing", ["missing"]],
  ])("that are none: %s", (formula, names) => {
    expect(unknown(formula, "kw_trig", "in-flight")).toEqual(names);
  });
});

it("a query of a scaler of OpenTelemetry is one of models, too", () => {
  const triggers = [
    { type: "kedify-otel", metadata: ["metricQuery: sum(vllm_num_requests_running)", 'targetValue: "25"'] },
  ];
  expect(messages("max-replicas-unset", policy({ triggers }))).toHaveLength(1);
});

describe("an update without a free GPU", () => {
  const stuck = (replicas: string, strategy: string) =>
    messages(
      "rollout-without-free-gpu",
      `apiVersion: apps/v1
kind: Deployment
metadata: {name: llama}
spec:${replicas && ` \n  replicas: ${replicas}`}
  strategy: ${strategy}
  template:
    spec:
      containers:
        - {name: vllm, image: "vllm/vllm-openai:v0.30.0", resources: {limits: {nvidia.com/gpu: 1}}}
`,
    ).length;

  it.each([
    [1, "", "{}"],
    [1, "3", "{type: RollingUpdate}"],
    [0, "4", "{type: RollingUpdate}"],
    [1, "", "{rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}"],
    [0, "", "{rollingUpdate: {maxSurge: 1, maxUnavailable: 1}}"],
    [0, "", "{rollingUpdate: {maxSurge: 25%, maxUnavailable: 100%}}"],
    [0, "", "{rollingUpdate: {maxSurge: 0%}}"],
    [0, "", "{type: Recreate}"],
  ])("%i findings with replicas: %s and strategy: %s", (count, replicas, strategy) => {
    expect(stuck(replicas, strategy)).toBe(count);
  });
});

it("monitors of two collection profiles are alternatives", () => {
  // As openshift/cluster-monitoring-operator assets/alertmanager has them.
  const [one = "", other = ""] = bad("scraped-twice").split("---\n");
  const ofProfile = (text: string, profile: string) =>
    text.replace("metadata:\n", `metadata:\n  labels: {monitoring.openshift.io/collection-profile: ${profile}}\n`);
  const twice = (first: string, second: string) => messages("scraped-twice", first, second).length;
  expect(twice(ofProfile(one, "full"), ofProfile(other, "minimal"))).toBe(0);
  expect(twice(ofProfile(one, "full"), ofProfile(other, "full"))).toBe(2);
  expect(twice(ofProfile(one, "full"), other)).toBe(2);
});

describe("one object in the folders of two environments", () => {
  const lintAll = (...texts: string[]) =>
    lint(
      texts.map((text, i) => readYaml(`overlays/${i}.yaml`, text)),
      options(),
    ).map(({ rule }) => rule);

  it("is no second autoscaler", () => {
    const one = withQuery("up");
    expect(lintAll(one, one)).not.toContain("two-scalers");
    expect(lintAll(one, one.replace("name: policy", "name: other"))).toContain("two-scalers");
  });

  it("is no second monitor", () => {
    const [one = "", other = ""] = bad("scraped-twice").split("---\n");
    expect(lintAll(one, one)).not.toContain("scraped-twice");
    expect(lintAll(one, other)).toContain("scraped-twice");
  });
});

it("two findings that change one field are mended one after the other", () => {
  const query = 'avg(vllm:kv_cache_usage_perc{namespace="models"})';
  const text = policy({ triggers: [{ query, threshold: '"0.7"', metadata: [address, "metricType: AverageValue"] }] });
  const once = fixed(readYaml("given.yaml", text), options()).text;
  const twice = fixed(readYaml("given.yaml", once), options()).text;
  expect([once, twice].map((result) => result.match(/metricType: \w+/g))).toEqual([
    ["metricType: Value", "metricType: AverageValue"],
    ["metricType: Value"],
  ]);
});
