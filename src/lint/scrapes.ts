import { grouped } from "./grouped";
import { areCopies } from "./object-set";
import type { LintContext } from "./rule";
import { type Field, UnknownValueError } from "./source/field";
import type { LintedObject } from "./source/linted-object";

/** Pods that a workload makes. */
export interface Pods {
  object: LintedObject;
  labels: Field;
  spec: Field;
}

/** Of the workloads of a namespace, or of all of them. */
export function podsIn(context: LintContext, namespace?: string): readonly Pods[] {
  const known = podsOf.get(context) ?? allPods(context);
  podsOf.set(context, known);
  return namespace === undefined ? [...known.values()].flat() : (known.get(namespace) ?? []);
}

const podsOf = new WeakMap<LintContext, Map<string, Pods[]>>();

function allPods({ objects }: LintContext): Map<string, Pods[]> {
  const workloads = ["Deployment", "StatefulSet", "DaemonSet", "Pod"].flatMap((kind) => objects.ofKind(kind));
  const placed = workloads.filter(({ isPlaced }) => isPlaced);
  const pods = placed.map((object) => {
    const template = object.kind === "Pod" ? object.field : object.get("spec", "template");
    return { object, labels: template.get("metadata", "labels"), spec: template.get("spec") };
  });
  return grouped(pods, ({ object }) => object.namespace);
}

/** Ports that the containers declare. Sidecars that Kubernetes knows as such are among the init containers. */
export function portsOf({ spec }: Pods): Field[] {
  return ["containers", "initContainers"]
    .flatMap((kind) => spec.get(kind).items())
    .flatMap((container) => container.get("ports").items());
}

/** Whether a label selector takes these labels; one that is empty is not taken for a wish. */
export function selects(selector: Field, labels: Field): boolean {
  const expressions = selector.get("matchExpressions").items();
  return (
    !selectsNothing(selector) &&
    hasAll(labels, selector.get("matchLabels")) &&
    expressions.every((expression) => holds(expression, labels))
  );
}

function holds(expression: Field, labels: Field): boolean {
  const value = labels.get(expression.get("key").text ?? "").scalarText;
  const values = expression
    .get("values")
    .items()
    .map(({ scalarText }) => scalarText);
  switch (expression.get("operator").text) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    default:
      return false;
  }
}

/** The namespaces that a monitor looks for targets in; `undefined` for all of them. */
export function namespacesOf(monitor: LintedObject): readonly string[] | undefined {
  const wanted = monitor.get("spec", "namespaceSelector");
  if (wanted.get("any").value === true) return undefined;
  const named = wanted
    .get("matchNames")
    .items()
    .flatMap(({ text }) => text ?? []);
  return named.length === 0 ? [monitor.namespace] : named;
}

/** What a monitor scrapes: it has a key in common with every other one that scrapes the same. */
interface Scrapes {
  namespaces: readonly string[] | undefined;
  /** Pods that are known, with port and path. */
  ofPods: readonly string[];
  /** Selectors, with port and path, where the pods are not among the objects: only the same within a namespace. */
  ofSelectors: readonly string[];
}

interface Index {
  scrapes: ReadonlyMap<LintedObject, Scrapes>;
  byKey: ReadonlyMap<string, readonly { monitor: LintedObject }[]>;
}

const indices = new WeakMap<LintContext, Index>();

/** Another monitor that scrapes an endpoint of the same pods. */
export function alsoScraping(monitor: LintedObject, context: LintContext): LintedObject | undefined {
  const { scrapes, byKey } = indexOf(context);
  const own = scrapes.get(monitor);
  if (own === undefined) return undefined;
  const beside = (key: string) =>
    (byKey.get(key) ?? []).flatMap(({ monitor: other }) =>
      areCopies(other, monitor) || areAlternatives(other, monitor) ? [] : [other],
    );
  return (
    own.ofPods.flatMap(beside)[0] ??
    own.ofSelectors.flatMap(beside).find((other) => share(own.namespaces, scrapes.get(other)?.namespaces))
  );
}

/** OpenShift's own monitors are there once for each collection profile, of which one is in force. */
function areAlternatives(one: LintedObject, other: LintedObject): boolean {
  const [profile, another] = [one, other].map(
    (monitor) => monitor.get("metadata", "labels", "monitoring.openshift.io/collection-profile").scalarText,
  );
  return profile !== undefined && another !== undefined && profile !== another;
}

function share(a: readonly string[] | undefined, b: readonly string[] | undefined): boolean {
  return a === undefined || b === undefined || a.some((name) => b.includes(name));
}

function indexOf(context: LintContext): Index {
  const known = indices.get(context);
  if (known !== undefined) return known;
  const scrapes = new Map<LintedObject, Scrapes>();
  for (const monitor of ["PodMonitor", "ServiceMonitor"].flatMap((kind) => context.objects.ofKind(kind))) {
    try {
      const found = monitor.kind === "PodMonitor" ? ofPodMonitor(monitor, context) : ofServiceMonitor(monitor, context);
      scrapes.set(monitor, found);
    } catch (error) {
      if (!(error instanceof UnknownValueError)) throw error;
    }
  }
  const keyed = [...scrapes].flatMap(([monitor, { ofPods, ofSelectors }]) =>
    [...new Set([...ofPods, ...ofSelectors])].map((key) => ({ key, monitor })),
  );
  const index = { scrapes, byKey: grouped(keyed, ({ key }) => key) };
  indices.set(context, index);
  return index;
}

function ofPodMonitor(monitor: LintedObject, context: LintContext): Scrapes {
  const namespaces = namespacesOf(monitor);
  const selector = monitor.get("spec", "selector");
  const pods = inAll(namespaces, (namespace) => podsIn(context, namespace)).filter(({ labels }) =>
    selects(selector, labels),
  );
  const endpoints = monitor.get("spec", "podMetricsEndpoints").items();
  return {
    namespaces,
    ofPods: endpoints.flatMap((endpoint) => pods.flatMap((found) => ofPort(found, portOf(endpoint), endpoint))),
    ofSelectors: selectsNothing(selector)
      ? []
      : endpoints.map((endpoint) => key("pods", selectorText(selector), portOf(endpoint), pathOf(endpoint))),
  };
}

/** The Services that a ServiceMonitor selects, as far as they are among the objects. */
export function selectedServices(monitor: LintedObject, { objects }: LintContext): LintedObject[] {
  const namespaces = namespacesOf(monitor);
  return objects
    .ofKind("Service")
    .filter(({ group, namespace }) => group === "" && (namespaces?.includes(namespace) ?? true))
    .filter((service) => selects(monitor.get("spec", "selector"), service.get("metadata", "labels")));
}

/** It selects Services, which select pods. */
function ofServiceMonitor(monitor: LintedObject, context: LintContext): Scrapes {
  const namespaces = namespacesOf(monitor);
  const selector = monitor.get("spec", "selector");
  const services = selectedServices(monitor, context);
  const endpoints = monitor.get("spec", "endpoints").items();
  const through = services.flatMap((service) => endpoints.map((endpoint) => ({ service, endpoint })));
  return {
    namespaces,
    ofPods: through.flatMap(({ service, endpoint }) =>
      podsIn(context, service.namespace)
        .filter(({ labels }) => takes(service.get("spec", "selector"), labels))
        .flatMap((found) => ofPort(found, portBehind(service, endpoint), endpoint)),
    ),
    ofSelectors: [
      ...(selectsNothing(selector) ? [] : endpoints).map((endpoint) =>
        key("services", selectorText(selector), portOf(endpoint), pathOf(endpoint)),
      ),
      ...through.map(({ service, endpoint }) =>
        key("pods", labelsText(service.get("spec", "selector")), portOf(endpoint), pathOf(endpoint)),
      ),
    ],
  };
}

function inAll<T>(namespaces: readonly string[] | undefined, of: (namespace?: string) => readonly T[]): readonly T[] {
  return namespaces === undefined ? of() : namespaces.flatMap((namespace) => of(namespace));
}

/** A port of pods by its number: a name that no container declares is no port. */
function ofPort(pods: Pods, port: string, endpoint: Field): string[] {
  const number = /^\d+$/.test(port)
    ? port
    : portsOf(pods)
        .find((found) => found.get("name").text === port)
        ?.get("containerPort").scalarText;
  return number === undefined ? [] : [key("pod", pods.object.title, number, pathOf(endpoint))];
}

/** The port of the pods that a port of a Service leads to. */
function portBehind(service: LintedObject, endpoint: Field): string {
  const direct = endpoint.get("targetPort").scalarText;
  if (direct !== undefined) return direct;
  const ports = service.get("spec", "ports").items();
  const port = ports.find((found) => found.get("name").text === endpoint.get("port").text);
  return port?.get("targetPort").scalarText ?? port?.get("port").scalarText ?? "";
}

function portOf(endpoint: Field): string {
  return ["portNumber", "targetPort", "port"].map((name) => endpoint.get(name).scalarText).find(Boolean) ?? "";
}

function pathOf(endpoint: Field): string {
  return endpoint.get("path").text ?? "/metrics";
}

/** Whether a Service's selector takes these labels; one that is empty takes none. */
export function takes(selector: Field, labels: Field): boolean {
  return selector.keys().length > 0 && hasAll(labels, selector);
}

function hasAll(labels: Field, wanted: Field): boolean {
  return wanted.entries().every(([name, value]) => labels.get(name).scalarText === value.scalarText);
}

function selectsNothing(selector: Field): boolean {
  return selector.get("matchLabels").keys().length + selector.get("matchExpressions").items().length === 0;
}

function labelsText(labels: Field): string {
  return labels
    .entries()
    .map(([name, value]) => `${name}=${value.scalarText}`)
    .sort()
    .join();
}

function selectorText(selector: Field): string {
  const expressions = selector.get("matchExpressions").items();
  const texts = expressions.map((expression) => {
    const values = expression.get("values").items();
    const sorted = values.map(({ scalarText }) => scalarText ?? "").sort();
    return `${expression.get("key").text} ${expression.get("operator").text} ${sorted.join("|")}`;
  });
  return [labelsText(selector.get("matchLabels")), ...texts.sort()].join("; ").replace(/; $/, "");
}

function key(...parts: string[]): string {
  return parts.join(" ");
}
