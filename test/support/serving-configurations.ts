import type { RenderedObject } from "vllm-serving/config";
import { changed, render } from "./configuration";

/** Releases of the published set-ups: OpenShift 4.18 with Open Data Hub 2.33 or OpenShift AI 2.22, the Custom Metrics Autoscaler 2.17, vLLM 0.6.6. */
const documents = {
  model: { vllmVersion: "0.6.6" },
  platform: {
    kubernetesVersion: "1.31.7",
    keda: { version: "2.17.2" },
    kserve: { version: "0.15.2" },
    kedaHttpAddon: { mode: "existing", version: "0.12.0" },
  },
};
const today = {
  model: {},
  platform: { kedaHttpAddon: { mode: "existing" } },
};
export const generations = { "the documents": documents, today };

const withKnative = { knative: { mode: "existing" } };
const zero = { min: 0, max: 3 };
const host = "llama.example.com";
const apiKey = { name: "llama-key", key: "token" };
const ingress = { host, ingress: { className: "nginx", tlsSecret: "llama-tls", annotations: { team: "chat" } } };
const gateway = { host, gateway: { name: "public", namespace: "gateways", sectionName: "https" } };
const route = { host, route: { annotations: { team: "chat" } } };

/** Every setting of Knative beside the metric. */
const knative = {
  targetUtilizationPercent: 80,
  initialScale: 1,
  activationScale: 2,
  windowSeconds: 60,
  panicWindowPercent: 10,
  panicThresholdPercent: 200,
  targetBurstCapacity: -1,
  scaleDownDelaySeconds: 600,
  podRetentionSeconds: 60,
};

const byConcurrency = {
  replicas: zero,
  scaling: { knative: { metric: "concurrency", target: 2, containerConcurrency: 10, ...knative } },
  longestGenerationSeconds: 60,
};

interface Variant {
  on: "kubernetes" | "openshift";
  model: object;
  platform?: object;
  /** Refused with the older releases. */
  todayOnly?: boolean;
  /** What newer releases do not have. */
  documentsOnly?: boolean;
}

/** Ways to scale a model, to reach it and to read its metrics. `httpKind` is the resource of the add-on that the generation has. */
const variants = (httpKind: string): Record<string, Variant> => ({
  "a ScaledObject that something else wakes": {
    on: "kubernetes",
    model: { replicas: zero, scaling: { scaledObject: { wokenElsewhere: true, cooldownSeconds: 300 } } },
  },
  "requests, by a Route": {
    on: "openshift",
    model: { replicas: zero, scaling: { http: { kind: httpKind, cooldownSeconds: 600 } }, expose: route, apiKey },
  },
  "requests, by an Ingress, as a Deployment": {
    on: "kubernetes",
    model: {
      backend: "deployment",
      replicas: zero,
      scaling: { http: { kind: httpKind, hosts: ["llama.internal"] } },
      expose: ingress,
      apiKey,
    },
  },
  "requests, by an HTTPRoute": {
    on: "kubernetes",
    model: { replicas: zero, scaling: { http: { kind: httpKind } }, expose: gateway, apiKey },
  },
  "Knative by concurrency, with every setting": {
    on: "kubernetes",
    model: { ...byConcurrency, expose: { kserve: {}, unauthenticated: true } },
    platform: withKnative,
  },
  "Knative by an objective, to zero": {
    on: "kubernetes",
    model: { replicas: zero, scaling: { knative: {} } },
    platform: withKnative,
  },
  "Knative of OpenShift AI 2, behind its token": {
    on: "openshift",
    model: { ...byConcurrency, expose: { kserve: { tokenAuthentication: true } } },
    platform: {
      knative: { mode: "existing" },
      serviceMesh: { mode: "existing" },
      kserve: { mode: "install", productVersion: "2.22.0", version: "0.15.2", serverless: true },
    },
    documentsOnly: true,
  },
  "Knative by requests a second": {
    on: "kubernetes",
    model: { scaling: { knative: { metric: "rps", target: 5 } }, expose: { kserve: {}, unauthenticated: true } },
    platform: withKnative,
  },
  "Knative by CPU": {
    on: "kubernetes",
    model: { scaling: { knative: { metric: "cpu", target: 80 } } },
    platform: withKnative,
  },
  "Knative by memory": {
    on: "kubernetes",
    model: { scaling: { knative: { metric: "memory", target: 8192 } } },
    platform: withKnative,
  },
  "KServe's ScaledObject": {
    on: "openshift",
    model: { scaling: { kserveKeda: {} } },
    todayOnly: true,
  },
  "KServe's ScaledObject by queries of one's own": {
    on: "kubernetes",
    model: { scaling: { kserveKeda: { triggers: [{ query: "sum(vllm:num_requests_waiting)", threshold: 2 }] } } },
    todayOnly: true,
  },
  "KServe's HorizontalPodAutoscaler by CPU": {
    on: "openshift",
    model: { scaling: { hpa: { metric: "cpu", targetPercent: 70 } } },
  },
  "a HorizontalPodAutoscaler by memory": {
    on: "kubernetes",
    model: { backend: "deployment", scaling: { hpa: { metric: "memory", targetPercent: 80 } } },
  },
  "a Route": { on: "openshift", model: { expose: route, apiKey } },
  "the Route of OpenShift AI": { on: "openshift", model: { expose: { kserve: { tokenAuthentication: true } } } },
  "an Ingress, without a key": { on: "kubernetes", model: { expose: { ...ingress, unauthenticated: true } } },
  "an HTTPRoute": { on: "kubernetes", model: { expose: gateway, apiKey } },
  "rolling updates, evictions and the dashboard": {
    on: "openshift",
    model: {
      maxSurge: 1,
      maxDisrupted: 1,
      imagePullSecrets: ["registry"],
      priorityClassName: "serving",
      dashboard: { displayName: "Llama 3.1 8B", hardwareProfile: { name: "l4" } },
      serviceMonitor: true,
    },
  },
  "an AcceleratorProfile": {
    on: "openshift",
    model: { dashboard: { displayName: "Llama 3.1 8B", acceleratorProfile: "l4" } },
  },
  "metrics with a token that KEDA asks for": {
    on: "kubernetes",
    model: {},
    platform: {
      prometheus: {
        url: "https://prometheus.example",
        authentication: "boundServiceAccountToken",
        certificateAuthority: { configMap: "authorities", key: "ca.crt" },
      },
    },
  },
  "metrics with a token in a Secret": {
    on: "openshift",
    model: {},
    platform: {
      prometheus: {
        url: "https://thanos-querier.openshift-monitoring.svc.cluster.local:9092",
        authentication: "serviceAccountTokenSecret",
      },
    },
  },
  "metrics with user name and password": {
    on: "kubernetes",
    model: {},
    platform: {
      prometheus: {
        url: "https://prometheus.example",
        authentication: "basic",
        credentialsSecret: { name: "prometheus-reader" },
      },
    },
  },
  "metrics with somebody else's TriggerAuthentication": {
    on: "openshift",
    model: { prometheusTriggerAuthentication: "shared" },
  },
  "metrics without authentication": {
    on: "openshift",
    model: {},
    platform: { prometheus: { url: "http://prometheus.example:9090", authentication: "none", tenancy: false } },
  },
});

/** Every way to scale a model, to reach it and to read its metrics, with the releases of one generation. */
export function servingConfigurations(
  generation: keyof typeof generations,
): { name: string; rendered: RenderedObject[] }[] {
  const { model, platform } = generations[generation];
  const httpKind = generation === "today" ? "InterceptorRoute" : "HTTPScaledObject";
  const served = Object.entries(variants(httpKind)).filter(([, { todayOnly, documentsOnly }]) =>
    generation === "today" ? !documentsOnly : !todayOnly,
  );
  return served.map(([name, variant]) => ({
    name,
    rendered: render(changed(variant.on, { ...model, ...variant.model }, { ...platform, ...variant.platform })),
  }));
}
