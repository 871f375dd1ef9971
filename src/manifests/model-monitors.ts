import { Role, standardLabels } from "./labels";
import { fieldOf, isMapping, type LiveObject } from "./platform/readiness";
import type { PlatformReference } from "./platform-reference";
import type { Scaling } from "./scaling-options";
import { httpPort } from "./vllm-arguments";
import type { ServingBackend } from "./vllm-server-options";
import { usesKServe } from "./workload";

/** A PodMonitor or ServiceMonitor that scrapes models, whoever made it. */
export interface ModelMonitor {
  /** `PodMonitor` or `ServiceMonitor`. */
  kind: string;
  namespace: string;
  name: string;
  /** Namespaces whose models it scrapes. @default every one */
  namespaces?: string[] | undefined;
  /** Which pods it scrapes: `kserve`, `knative`, `deployment`. @default all of them */
  pods?: string[] | undefined;
}

/** What all models' pods, or Services, of a kind have in common. */
interface Common {
  labels: Record<string, string>;
  /** Labels that each has with a value of its own. */
  others: readonly string[];
  port: string;
}

const { "app.kubernetes.io/instance": _, ...ours } = standardLabels("", Role.Server);
const instance = "app.kubernetes.io/instance";
const ofKServe = {
  labels: { ...ours, component: "predictor" },
  others: [instance, "app", "serving.kserve.io/inferenceservice"],
};

const scraped: Record<string, Record<string, Common>> = {
  PodMonitor: {
    kserve: { ...ofKServe, port: httpPort.name },
    // Knative renames the port of the container.
    knative: { ...ofKServe, port: "user-port" },
    deployment: { labels: ours, others: [instance], port: httpPort.name },
  },
  ServiceMonitor: {
    kserve: { labels: ours, others: [instance], port: httpPort.name },
    deployment: { labels: ours, others: [instance], port: httpPort.name },
  },
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
    const namespaces = namespacesOf(object, namespace);
    return pods.length === 0 || fieldOf(object, "metadata.deletionTimestamp") !== undefined
      ? []
      : [{ kind, namespace, name, ...(namespaces === undefined ? {} : { namespaces }), pods }];
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
  const endpoints = fieldOf(object, object.kind === "PodMonitor" ? "spec.podMetricsEndpoints" : "spec.endpoints");
  const ports: unknown[] = [common.port, httpPort.number];
  const reads =
    Array.isArray(endpoints) &&
    endpoints.some(
      (endpoint: unknown) =>
        isMapping(endpoint) && [endpoint.port, endpoint.portNumber, endpoint.targetPort].some((p) => ports.includes(p)),
    );
  return reads && selectsAll(fieldOf(object, "spec.selector"), common);
}

/** Whether a label selector takes every one of them. */
function selectsAll(selector: unknown, { labels, others }: Common): boolean {
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
}

/** The monitor that scrapes a model already, as `<kind> <namespace>/<name>`; empty if none does. */
export function monitorOf({ monitors = [] }: Pick<PlatformReference, "monitors">, model: ScrapedModel): string {
  const pods = model.scaling?.knative !== undefined ? "knative" : usesKServe(model) ? "kserve" : "deployment";
  const found = monitors.find(
    (monitor) =>
      (monitor.namespaces === undefined || monitor.namespaces.includes(model.namespace)) &&
      (monitor.pods === undefined || monitor.pods.includes(pods)) &&
      // Its Service leads to the transformer.
      (monitor.kind === "PodMonitor" || model.transformer === undefined),
  );
  return found === undefined ? "" : `${found.kind} ${found.namespace}/${found.name}`;
}
