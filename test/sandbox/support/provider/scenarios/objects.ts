import type { JsonObject } from "../../../../../packages/sandbox/src/provider/json";

/** Marks a value as secret on the wire. */
const secretMark = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };

export function secret(value: string): JsonObject {
  return { ...secretMark, value };
}

/** Stands for a value that is not known in a preview. */
export const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

interface Parts {
  metadata?: JsonObject;
  /** Other fields beside `metadata` and `spec`. */
  more?: JsonObject;
}

/** The arguments a program gives, as the SDK sends them: with kind and version. */
function object(apiVersion: string, kind: string, spec: JsonObject | undefined, { metadata, more }: Parts): JsonObject {
  return { apiVersion, kind, metadata: metadata ?? {}, ...(spec !== undefined && { spec }), ...more };
}

export const inNamespace = (scenario: string, metadata: JsonObject = {}): JsonObject => ({
  name: "thing",
  namespace: `answers-${scenario}`,
  ...metadata,
});

export function configMap(metadata: JsonObject, data: JsonObject, more: JsonObject = {}): JsonObject {
  return object("v1", "ConfigMap", undefined, { metadata, more: { data, ...more } });
}

export function deployment(metadata: JsonObject, podSpec: JsonObject = {}, spec: JsonObject = {}): JsonObject {
  const labels = { app: "thing" };
  return object(
    "apps/v1",
    "Deployment",
    {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: "c", image: "registry.test/i" }], ...podSpec } },
      ...spec,
    },
    { metadata },
  );
}

export function daemonSet(metadata: JsonObject, podSpec: JsonObject = {}, spec: JsonObject = {}): JsonObject {
  return { ...deployment(metadata, podSpec, spec), kind: "DaemonSet" };
}

export function service(metadata: JsonObject, spec: JsonObject): JsonObject {
  return object("v1", "Service", spec, { metadata });
}

export function scaledObject(metadata: JsonObject, spec: JsonObject = {}): JsonObject {
  const trigger = { serverAddress: "http://prometheus.test", query: "vector(1)", threshold: "5" };
  return object(
    "keda.sh/v1alpha1",
    "ScaledObject",
    { scaleTargetRef: { name: "none" }, triggers: [{ type: "prometheus", metadata: trigger }], ...spec },
    { metadata },
  );
}

/** Of a kind that nothing in the cluster works on. */
export function widget(metadata: JsonObject, spec: JsonObject = {}): JsonObject {
  return object("answers.test/v1", "Widget", spec, { metadata });
}

export function job(metadata: JsonObject, podSpec: JsonObject = {}, spec: JsonObject = {}): JsonObject {
  const template = {
    spec: { restartPolicy: "Never", containers: [{ name: "c", image: "registry.test/i" }], ...podSpec },
  };
  return object("batch/v1", "Job", { template, ...spec }, { metadata });
}

export { object };
