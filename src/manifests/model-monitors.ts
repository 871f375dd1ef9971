import { runtimePort } from "./existing-runtime";
import { Role, standardLabels } from "./labels";
import { inferenceServiceName } from "./naming";
import { Distribution } from "./platform/piece";
import { fieldOf, isMapping, type LiveObject } from "./platform/readiness";
import type { PlatformReference } from "./platform-reference";
import type { Scaling } from "./scaling-options";
import { httpPort } from "./vllm-arguments";
import type { ExistingRuntime, ServingBackend } from "./vllm-server-options";
import { usesKServe } from "./workload";

/** A PodMonitor or ServiceMonitor that scrapes models, whoever made it. */
export interface ModelMonitor {
  /** `PodMonitor` or `ServiceMonitor`. */
  kind: string;
  namespace: string;
  name: string;
  /** Namespaces whose models it scrapes. @default every one */
  namespaces?: string[] | undefined;
  /** Which pods it scrapes: `kserve`, `knative`, `deployment`, or `runtime` for those of a runtime that somebody else made. @default all of them */
  pods?: string[] | undefined;
  /** Container ports at which it scrapes pods of such a runtime, whose port need not have a name. @default none */
  runtimePorts?: number[] | undefined;
}

/** What all models' pods, or Services, of a kind have in common. */
interface Common {
  labels: Record<string, string>;
  /** Labels that each has with a value of its own. */
  others: readonly string[];
  /** Names and numbers of the port. */
  ports: readonly unknown[];
}

const { "app.kubernetes.io/instance": _, ...ours } = standardLabels("", Role.Server);
const instance = "app.kubernetes.io/instance";
const ofKServe = {
  labels: { ...ours, component: "predictor" },
  others: [instance, "app", "serving.kserve.io/inferenceservice"],
};

const ofOurService = { labels: ours, others: [instance] };

const scraped: Record<string, Record<string, Common>> = {
  PodMonitor: {
    kserve: { ...ofKServe, ports: [httpPort.name, httpPort.number] },
    // Knative renames the port of the container.
    knative: { ...ofKServe, ports: ["user-port", httpPort.number] },
    deployment: { labels: ours, others: [instance], ports: [httpPort.name, httpPort.number] },
  },
  ServiceMonitor: {
    kserve: { ...ofOurService, ports: [httpPort.name, httpPort.number] },
    deployment: { ...ofOurService, ports: [httpPort.name, httpPort.number] },
    // The name is that of our Service, whatever the port of the runtime is.
    runtime: { ...ofOurService, ports: [httpPort.name] },
  },
};

/** Of pods whose port is another one for each runtime. */
const ofRuntimes: Record<string, Pick<Common, "labels" | "others">> = {
  PodMonitor: ofKServe,
  ServiceMonitor: ofOurService,
};

/** Kinds of objects to look at. */
export const monitorKinds = Object.keys(scraped);

/** Those of a cluster's monitors that scrape every model of the namespaces they look at; not those of one model. */
export function modelMonitors(objects: readonly LiveObject[]): ModelMonitor[] {
  return objects.flatMap((object) => {
    const { kind, name, namespace } = { ...identityOf(object) };
    const byPods = scraped[kind ?? ""];
    if (kind === undefined || name === undefined || namespace === undefined || byPods === undefined) {
      return [];
    }
    const pods = Object.entries(byPods).flatMap(([pod, common]) => (scrapes(object, common) ? [pod] : []));
    const runtimePorts = runtimePortsOf(object, ofRuntimes[kind]);
    const namespaces = namespacesOf(object, namespace);
    const isGoing = fieldOf(object, "metadata.deletionTimestamp") !== undefined;
    return isGoing || (pods.length === 0 && runtimePorts.length === 0)
      ? []
      : [
          {
            kind,
            namespace,
            name,
            ...(namespaces === undefined ? {} : { namespaces }),
            pods,
            ...(runtimePorts.length === 0 ? {} : { runtimePorts }),
          },
        ];
  });
}

function identityOf(object: LiveObject) {
  const [kind, name, namespace] = [
    object.kind,
    fieldOf(object, "metadata.name"),
    fieldOf(object, "metadata.namespace"),
  ];
  return typeof kind === "string" && typeof name === "string" && typeof namespace === "string"
    ? { kind, name, namespace }
    : undefined;
}

/** The namespaces it looks at, `undefined` for every one. */
function namespacesOf(object: LiveObject, own: string): string[] | undefined {
  if (fieldOf(object, "spec.namespaceSelector.any") === true) {
    return undefined;
  }
  const names = fieldOf(object, "spec.namespaceSelector.matchNames");
  return Array.isArray(names) && names.length > 0 ? names.map(String) : [own];
}

function scrapes(object: LiveObject, common: Common): boolean {
  return portsOf(object).some((port) => common.ports.includes(port)) && selectsAll(selectorOf(object), common);
}

/** Numbers of the ports at which it scrapes all pods that have these labels in common. */
function runtimePortsOf(object: LiveObject, common: Pick<Common, "labels" | "others"> | undefined): number[] {
  return common !== undefined && selectsAll(selectorOf(object), common)
    ? portsOf(object).filter((port) => typeof port === "number")
    : [];
}

function selectorOf(object: LiveObject): unknown {
  return fieldOf(object, "spec.selector");
}

/** The ports it reads, by name or number. */
function portsOf(object: LiveObject): unknown[] {
  const endpoints = fieldOf(object, object.kind === "PodMonitor" ? "spec.podMetricsEndpoints" : "spec.endpoints");
  return (Array.isArray(endpoints) ? endpoints : []).flatMap((endpoint: unknown) =>
    isMapping(endpoint) ? [endpoint.port, endpoint.portNumber, endpoint.targetPort].filter((p) => p !== undefined) : [],
  );
}

/** Whether a label selector takes every one of them. */
function selectsAll(selector: unknown, { labels, others }: Pick<Common, "labels" | "others">): boolean {
  if (!isMapping(selector)) {
    return false;
  }
  const { matchLabels, matchExpressions } = selector;
  const equal = Object.entries(isMapping(matchLabels) ? matchLabels : {});
  const expressions: unknown[] = Array.isArray(matchExpressions) ? matchExpressions : [];
  return (
    equal.every(([key, value]) => labels[key] === value) &&
    expressions.every((expression) => isMapping(expression) && takes(expression, labels, others))
  );
}

function takes(expression: LiveObject, labels: Record<string, string>, others: readonly string[]): boolean {
  const { key, operator, values } = expression;
  const value = typeof key === "string" ? labels[key] : undefined;
  const varies = typeof key === "string" && others.includes(key);
  const named = Array.isArray(values) && value !== undefined && values.includes(value);
  switch (operator) {
    case "Exists":
      return value !== undefined || varies;
    case "DoesNotExist":
      return value === undefined && !varies;
    case "In":
      return named;
    case "NotIn":
      return !varies && !named;
    default:
      return false;
  }
}

/** Of a model, what decides who scrapes it. */
interface ScrapedModel {
  namespace: string;
  backend?: ServingBackend | undefined;
  scaling?: Scaling | undefined;
  transformer?: object | undefined;
  runtime?: ExistingRuntime | undefined;
  serviceMonitor?: boolean | undefined;
}

/** The monitor that scrapes the model called `name` already, as `<kind> <namespace>/<name>`; empty if none does. */
export function monitorOf(
  { monitors = [], distribution }: Pick<PlatformReference, "monitors" | "distribution">,
  name: string,
  model: ScrapedModel,
): string {
  const found = monitors.find(
    (monitor) =>
      (monitor.namespaces === undefined || monitor.namespaces.includes(model.namespace)) &&
      scrapesPodsOf(monitor, model) &&
      // Its Service leads to the transformer.
      (monitor.kind === "PodMonitor" || model.transformer === undefined),
  );
  if (found !== undefined) {
    return `${found.kind} ${found.namespace}/${found.name}`;
  }
  return distribution === Distribution.OpenShift ? monitorOfOpenShiftAi(name, model) : "";
}

/** Whether it scrapes the pods of a model; one that was named by the user scrapes all. */
function scrapesPodsOf({ pods, runtimePorts = [] }: ModelMonitor, model: ScrapedModel): boolean {
  if (pods === undefined || pods.includes(podsOf(model))) {
    return true;
  }
  return model.runtime !== undefined && runtimePorts.includes(runtimePort(model.runtime));
}

function podsOf(model: ScrapedModel): string {
  if (model.scaling?.knative !== undefined) {
    return "knative";
  }
  const ours = usesKServe(model) ? "kserve" : "deployment";
  return model.runtime === undefined ? ours : "runtime";
}

/**
 * OpenShift AI's controller makes a ServiceMonitor for each InferenceService. It finds the pods of a runtime whose spec has the annotation
 * `prometheus.io/port`, as all of its own have; ours have none. Who asks for a ServiceMonitor of ours says that the runtime has none.
 */
function monitorOfOpenShiftAi(name: string, { namespace, runtime, serviceMonitor }: ScrapedModel): string {
  return runtime === undefined || serviceMonitor === true
    ? ""
    : `ServiceMonitor ${namespace}/${inferenceServiceName(name)}-metrics`;
}
