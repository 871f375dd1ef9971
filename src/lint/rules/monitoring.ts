import { type Report, Severity } from "../finding";
import type { LintContext, Rule } from "../rule";
import { alsoScraping, namespacesOf, podsIn, portsOf, selectedServices, selects } from "../scrapes";
import type { LintedObject } from "../source/linted-object";
import { scaledObjectExample } from "./examples";

const podMonitorSource = "prometheus-operator/prometheus-operator pkg/apis/monitoring/v1/podmonitor_types.go";

function podMonitor(port: string, name = "llama"): string {
  return `apiVersion: monitoring.coreos.com/v1
kind: PodMonitor
metadata:
  name: ${name}
  namespace: models
spec:
  selector:
    matchLabels:
      app: llama
  podMetricsEndpoints:
    - port: ${port}
      path: /metrics
`;
}

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: llama
  namespace: models
spec:
  selector:
    matchLabels:
      app: llama
  template:
    metadata:
      labels:
        app: llama
    spec:
      containers:
        - name: proxy
          image: example.com/proxy:1.0.0
          ports:
            - name: http1
              containerPort: 8000
`;

const undeclaredPort: Rule = {
  id: "monitor-port-undeclared",
  title: "The monitor names a port that no container declares",
  severity: Severity.Error,
  kinds: ["PodMonitor"],
  happens: "Prometheus finds the pods and scrapes none of them, without an error: every query is empty.",
  why: "A PodMonitor's `port` is the name of a container's port. vLLM's own runtimes of KServe declare none.",
  sources: [podMonitorSource, "kserve/kserve charts/kserve-runtime-configs, kserve-vllmserver"],
  fix: "Declare the port with that name in the container, or use `portNumber` (Prometheus Operator 0.79 or newer).",
  bad: `${podMonitor("metrics")}---\n${deployment}`,
  good: `${podMonitor("http1")}---\n${deployment}`,
  *check(object: LintedObject, context: LintContext): Generator<Report> {
    const pods = podsIn(context, object.namespace).filter(({ labels }) =>
      selects(object.get("spec", "selector"), labels),
    );
    if (pods.length === 0) return;
    const declared = pods.flatMap((found) => portsOf(found).map((port) => port.get("name").text));
    for (const endpoint of object.get("spec", "podMetricsEndpoints").items()) {
      const port = endpoint.get("port");
      if (port.text === undefined || declared.includes(port.text)) continue;
      const names = declared.filter((name) => name !== undefined);
      yield {
        at: port,
        message: `No container of ${pods.map((found) => found.object.title).join(", ")} declares a port called ${port.text}: nothing is scraped.`,
        fix: names.length === 0 ? "Name the container's port, or write portNumber." : `Write ${names.join(" or ")}.`,
      };
    }
  },
};

const service = (port: string) => `apiVersion: v1
kind: Service
metadata:
  name: llama
  namespace: models
  labels:
    app: llama
spec:
  selector:
    app: llama
  ports:
    - name: ${port}
      port: 8000
`;

const serviceMonitor = `apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  name: llama
  namespace: models
spec:
  selector:
    matchLabels:
      app: llama
  endpoints:
    - port: metrics
      path: /metrics
`;

const portOfNoService: Rule = {
  id: "monitor-port-of-no-service",
  title: "The monitor names ports that no Service has",
  severity: Severity.Error,
  kinds: ["ServiceMonitor"],
  happens: "Prometheus finds the Services and scrapes nothing behind them, without an error: every query is empty.",
  why: "A ServiceMonitor's `port` is the name of a port of the Service, not of the container, and a number is no name. A port of a Service that has no name cannot be chosen so.",
  sources: ["prometheus-operator/prometheus-operator pkg/apis/monitoring/v1/types.go, Endpoint"],
  fix: "Name the Service's port, or use `targetPort` with the number of the container's.",
  bad: `${serviceMonitor}---\n${service("http")}`,
  good: `${serviceMonitor}---\n${service("metrics")}`,
  *check(object: LintedObject, context: LintContext): Generator<Report> {
    // Services of other namespaces may not be among the objects.
    if (namespacesOf(object)?.join() !== object.namespace) return;
    const services = selectedServices(object, context);
    const endpoints = object.get("spec", "endpoints").items();
    const wanted = endpoints.map((endpoint) => endpoint.get("port").text);
    const names = services.flatMap((found) =>
      found
        .get("spec", "ports")
        .items()
        .map((port) => port.get("name").text),
    );
    // One of several endpoints may be for Services that are not there yet.
    const [first] = endpoints;
    if (first === undefined || services.length === 0) return;
    if (wanted.some((name) => name === undefined || names.includes(name))) return;
    const known = [...new Set(names.flatMap((name) => name ?? []))];
    yield {
      at: first.get("port"),
      message: `No port of ${services.map(({ title }) => title).join(", ")} is called ${[...new Set(wanted)].join(" or ")}: nothing is scraped.`,
      fix: known.length === 0 ? "Name the Service's port." : `Write ${known.join(" or ")}.`,
    };
  },
};

const doubleScrape: Rule = {
  id: "scraped-twice",
  title: "Two monitors scrape the same pods",
  severity: Severity.Error,
  kinds: ["PodMonitor", "ServiceMonitor"],
  happens: "Every sum is doubled: twice the replicas are asked for.",
  why: "Each monitor makes series of its own, which differ in the label `job`: also a PodMonitor and a ServiceMonitor whose Services select the same pods.",
  sources: [podMonitorSource],
  fix: "Keep one of them.",
  bad: `${podMonitor("http1")}---\n${podMonitor("http1", "llama-too")}`,
  good: podMonitor("http1"),
  *check(object: LintedObject, context: LintContext): Generator<Report> {
    const other = alsoScraping(object, context);
    if (other)
      yield {
        at: object.get("spec", "selector"),
        message: `${other.title} scrapes the same pods: sums over their series are doubled.`,
        fix: "Keep one of the two.",
      };
  },
};

const operatorScrapes: Rule = {
  id: "openshift-ai-scrapes-already",
  title: "OpenShift AI scrapes the model already",
  severity: Severity.Error,
  kinds: ["PodMonitor", "ServiceMonitor"],
  happens: "Every sum is doubled: twice the replicas are asked for.",
  why: "Its controller makes a ServiceMonitor `<name>-metrics` for each InferenceService whose ServingRuntime has the annotations `prometheus.io/port` and `prometheus.io/path`.",
  sources: [
    "opendatahub-io/odh-model-controller internal/controller/serving/reconcilers/kserve_metrics_servicemonitor_reconciler.go",
  ],
  fix: "Remove the monitor, or the annotations of the runtime.",
  bad: `${podMonitor("http1").replace("app: llama", "serving.kserve.io/inferenceservice: llama")}---
${runtime('\n  annotations:\n    prometheus.io/port: "8080"\n    prometheus.io/path: /metrics')}`,
  good: `${podMonitor("http1").replace("app: llama", "serving.kserve.io/inferenceservice: llama")}---
${runtime("")}`,
  *check(object: LintedObject, { objects }: LintContext): Generator<Report> {
    const service = object.get("spec", "selector", "matchLabels", "serving.kserve.io/inferenceservice").text;
    if (service === undefined) return;
    const named = objects
      .find("InferenceService", object.namespace, service)
      ?.get("spec", "predictor", "model", "runtime").text;
    const runtimes = objects
      .besides(object, "ServingRuntime")
      .filter(({ name }) => named === undefined || name === named);
    const annotated = runtimes.find((found) => found.get("spec", "annotations", "prometheus.io/port").exists);
    if (annotated)
      yield {
        at: object.get("spec", "selector"),
        message: `${annotated.title} has prometheus.io annotations: OpenShift AI makes a ServiceMonitor ${service}-metrics for the same pods.`,
        fix: "Keep one of the two.",
      };
  },
};

function runtime(annotations: string): string {
  return `apiVersion: serving.kserve.io/v1alpha1
kind: ServingRuntime
metadata:
  name: llama
  namespace: models
spec:${annotations}
  supportedModelFormats:
    - name: vLLM
  containers:
    - name: kserve-container
      image: vllm/vllm-openai:v0.30.0
`;
}

const platformLabel: Rule = {
  id: "workload-in-platform-monitoring",
  modelsOnly: true,
  title: "The label takes the namespace out of user-workload monitoring",
  severity: Severity.Error,
  kinds: ["Namespace"],
  happens: "Monitors in the namespace are passed over, and every query of a policy is empty.",
  why: '`openshift.io/cluster-monitoring: "true"` gives a namespace to the platform\'s Prometheus, which reads no monitors of workloads. It is for namespaces of operators, such as openshift-keda.',
  sources: ["openshift/cluster-monitoring-operator Documentation, user workload monitoring"],
  fix: "Remove the label from namespaces of models.",
  bad: `apiVersion: v1
kind: Namespace
metadata:
  name: models
  labels:
    openshift.io/cluster-monitoring: "true"
---
${scaledObjectExample()}`,
  good: `apiVersion: v1
kind: Namespace
metadata:
  name: openshift-keda
  labels:
    openshift.io/cluster-monitoring: "true"
`,
  *check(object: LintedObject): Generator<Report> {
    const label = object.get("metadata", "labels", "openshift.io/cluster-monitoring");
    if (label.scalarText !== "true") return;
    yield {
      at: label,
      message: `User-workload monitoring passes ${object.name} over because of this label.`,
      fix: "Remove it.",
    };
  },
};

const wholeConfiguration: Rule = {
  id: "monitoring-configuration-replaced",
  title: "Applying it deletes the cluster's monitoring settings",
  severity: Severity.Error,
  kinds: ["ConfigMap"],
  happens:
    "Retention, volumes, remote write and node selectors of the platform's Prometheus are gone, and it restarts.",
  why: 'All settings are one string, `data["config.yaml"]`: whoever applies it owns all of them.',
  sources: ["openshift/cluster-monitoring-operator Documentation/api.md"],
  fix: "Read it, set the one key, and write it back; or let the platform component merge it.",
  bad: `apiVersion: v1
kind: ConfigMap
metadata:
  name: cluster-monitoring-config
  namespace: openshift-monitoring
data:
  config.yaml: |
    enableUserWorkload: true
`,
  good: `apiVersion: v1
kind: ConfigMap
metadata:
  name: cluster-monitoring-config
  namespace: openshift-monitoring
data:
  config.yaml: |
    enableUserWorkload: true
    prometheusK8s:
      retention: 15d
`,
  *check(object: LintedObject): Generator<Report> {
    const text = object.get("data", "config.yaml");
    if (object.name !== "cluster-monitoring-config" || !isOf(object, "openshift-monitoring")) return;
    if (text.text === undefined) return;
    const keys = text.text.split("\n").filter((line) => /^\w/.test(line));
    if (keys.length !== 1 || !keys[0]?.startsWith("enableUserWorkload")) return;
    yield {
      at: text,
      message:
        "It holds enableUserWorkload and nothing else: applied, it deletes every other setting of the cluster's monitoring.",
      fix: "Merge the key into what is there.",
    };
  },
};

/** Whether an object may be in a namespace; one that names none is in that of whoever applies it. */
function isOf(object: LintedObject, namespace: string): boolean {
  return object.namespace === namespace || object.namespace === "";
}

const debugLog: Rule = {
  id: "monitoring-debug-log",
  title: "Prometheus logs at debug level",
  severity: Severity.Warning,
  kinds: ["ConfigMap"],
  happens: "It writes a line for every query and scrape: gigabytes a day.",
  why: "`logLevel: debug` is left from a test.",
  sources: ["openshift/cluster-monitoring-operator Documentation/api.md"],
  fix: "Remove `logLevel`.",
  bad: `apiVersion: v1
kind: ConfigMap
metadata:
  name: user-workload-monitoring-config
  namespace: openshift-user-workload-monitoring
data:
  config.yaml: |
    prometheus:
      logLevel: debug
      retention: 15d
`,
  good: `apiVersion: v1
kind: ConfigMap
metadata:
  name: user-workload-monitoring-config
  namespace: openshift-user-workload-monitoring
data:
  config.yaml: |
    prometheus:
      retention: 15d
`,
  *check(object: LintedObject): Generator<Report> {
    const text = object.get("data", "config.yaml");
    const isRead =
      (object.name === "cluster-monitoring-config" && isOf(object, "openshift-monitoring")) ||
      (object.name === "user-workload-monitoring-config" && isOf(object, "openshift-user-workload-monitoring"));
    if (!isRead || !/^\s*logLevel:\s*debug\s*$/m.test(text.text ?? "")) return;
    yield {
      at: text,
      message: "logLevel: debug makes Prometheus log every query and scrape.",
      fix: "Remove logLevel.",
    };
  },
};

export const monitoringRules: readonly Rule[] = [
  undeclaredPort,
  portOfNoService,
  doubleScrape,
  operatorScrapes,
  platformLabel,
  wholeConfiguration,
  debugLog,
];
