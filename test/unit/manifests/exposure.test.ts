import { describe, expect, test } from "vitest";
import {
  type PlatformReference,
  platformReference,
  type ServedModelOptions,
  servedModelManifests,
} from "../../../src/manifests";

const prometheus = { url: "http://prometheus:9090" };
const kedaHttpAddon = { mode: "existing", namespace: "http" };
const kubernetes = platformReference({
  distribution: "kubernetes",
  prometheus,
  kedaHttpAddon,
  knative: { mode: "existing" },
});
const openShift = {
  ...platformReference({ distribution: "openshift", prometheus, kedaHttpAddon }),
  prometheusAuthentication: "none",
};
const base: ServedModelOptions = {
  namespace: "models",
  weights: { existingClaim: "weights" },
  slo: { itl: { atMostMs: 75 } },
  replicas: { max: 3 },
  capacity: { concurrencyPerReplica: 10 },
  startup: { imagePullSeconds: 10, loadSeconds: 60, compileSeconds: 5 },
  longestGenerationSeconds: 90,
  apiKey: { name: "llama-key", key: "key" },
};
const host = "llama.example.com";
const toZero: Partial<ServedModelOptions> = { scaling: { http: {} } };
/** 90 s of generation and 60 s in the queue, 10 s more than what is behind; and with a start of at most 225 s, two hops. */
const [running, starting] = ["160s", "395s"];

function objectsOf(options: Partial<ServedModelOptions>, platform: PlatformReference = kubernetes) {
  const result = servedModelManifests("llama", { ...base, ...options }, platform);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return Object.fromEntries(
    result.objects.map(({ object }) => [`${object.kind} ${object.metadata.namespace}/${object.metadata.name}`, object]),
  );
}

function problemsOf(options: Partial<ServedModelOptions>, platform: PlatformReference = kubernetes) {
  const result = servedModelManifests("llama", { ...base, ...options }, platform);
  return result.ok ? [] : result.problems.map(({ path, message }) => `${path}: ${message}`);
}

const labels = {
  "app.kubernetes.io/name": "vllm",
  "app.kubernetes.io/instance": "llama",
  "app.kubernetes.io/component": "inference-server",
  "app.kubernetes.io/part-of": "vllm-serving",
};

describe("a Route", () => {
  test("leads to the Service, and waits longer than the longest generation", () => {
    expect(objectsOf({ expose: { host, route: {} } }, openShift)["Route models/llama-serving"]).toEqual({
      apiVersion: "route.openshift.io/v1",
      kind: "Route",
      metadata: {
        // OpenShift AI deletes a Route that is called like an InferenceService.
        name: "llama-serving",
        namespace: "models",
        labels,
        annotations: { "haproxy.router.openshift.io/timeout": running },
      },
      spec: {
        host,
        to: { kind: "Service", name: "llama", weight: 100 },
        port: { targetPort: "http" },
        tls: { termination: "edge", insecureEdgeTerminationPolicy: "Redirect" },
        wildcardPolicy: "None",
      },
    });
  });

  test("of a model without a replica is where the interceptor is, and waits for the start too", () => {
    const annotations = { "haproxy.router.openshift.io/balance": "leastconn" };
    const objects = objectsOf({ ...toZero, expose: { host, route: { annotations } } }, openShift);
    expect(objects["Route http/models-llama-serving"]).toMatchObject({
      metadata: { annotations: { ...annotations, "haproxy.router.openshift.io/timeout": starting } },
      spec: {
        host,
        to: { name: "keda-add-ons-http-interceptor-proxy" },
        port: { targetPort: 8080 },
      },
    });
    expect(objects["InterceptorRoute models/llama"]).toHaveProperty(
      "spec.rules[0].hosts",
      expect.arrayContaining([host]),
    );
  });
});

describe("an Ingress", () => {
  test("has the controller's certificate, or one of the namespace", () => {
    const ingress = { className: "nginx", tlsSecret: "llama-tls", annotations: { "example.com/a": "b" } };
    expect(objectsOf({ expose: { host, ingress } })["Ingress models/llama-serving"]).toEqual({
      apiVersion: "networking.k8s.io/v1",
      kind: "Ingress",
      metadata: {
        name: "llama-serving",
        namespace: "models",
        labels,
        annotations: {
          "nginx.ingress.kubernetes.io/proxy-read-timeout": "160",
          "nginx.ingress.kubernetes.io/proxy-send-timeout": "160",
          "nginx.ingress.kubernetes.io/proxy-body-size": "64m",
          "nginx.ingress.kubernetes.io/proxy-buffering": "off",
          "example.com/a": "b",
        },
      },
      spec: {
        ingressClassName: "nginx",
        tls: [{ hosts: [host], secretName: "llama-tls" }],
        rules: [
          {
            host,
            http: {
              paths: [
                { path: "/", pathType: "Prefix", backend: { service: { name: "llama", port: { number: 8000 } } } },
              ],
            },
          },
        ],
      },
    });
    const plain = objectsOf({ expose: { host, ingress: {} } })["Ingress models/llama-serving"];
    expect(plain).toHaveProperty("spec.tls", [{ hosts: [host] }]);
    expect(plain).not.toHaveProperty("spec.ingressClassName");
  });

  test("of a model without a replica leads to the interceptor under the model's name", () => {
    const ingress = objectsOf({ ...toZero, expose: { host, ingress: {} } })["Ingress models/llama-serving"];
    expect(ingress).toHaveProperty("spec.rules[0].http.paths[0].backend.service", {
      name: "llama-wake",
      port: { number: 8080 },
    });
    expect(ingress).toHaveProperty(
      ["metadata", "annotations", "nginx.ingress.kubernetes.io/proxy-read-timeout"],
      "395",
    );
  });
});

describe("an HTTPRoute", () => {
  const gateway = { name: "public", namespace: "gateways", sectionName: "https" };

  test("hangs on the Gateway's listener", () => {
    const objects = objectsOf({ expose: { host, gateway } });
    expect(objects["HTTPRoute models/llama-serving"]).toEqual({
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "HTTPRoute",
      metadata: { name: "llama-serving", namespace: "models", labels },
      spec: {
        parentRefs: [gateway],
        hostnames: [host],
        rules: [
          {
            matches: [{ path: { type: "PathPrefix", value: "/" } }],
            backendRefs: [{ name: "llama", port: 8000 }],
            timeouts: { request: running, backendRequest: running },
          },
        ],
      },
    });
    expect(Object.keys(objects).filter((key) => key.startsWith("ReferenceGrant"))).toEqual([]);
  });

  test("of a model without a replica is granted the interceptor of the other namespace", () => {
    const objects = objectsOf({ ...toZero, expose: { host, gateway } });
    expect(objects["HTTPRoute models/llama-serving"]).toHaveProperty("spec.rules[0]", {
      matches: [{ path: { type: "PathPrefix", value: "/" } }],
      backendRefs: [{ name: "keda-add-ons-http-interceptor-proxy", namespace: "http", port: 8080 }],
      timeouts: { request: starting, backendRequest: starting },
    });
    expect(objects["ReferenceGrant http/models-llama-serving"]).toHaveProperty("spec", {
      from: [{ group: "gateway.networking.k8s.io", kind: "HTTPRoute", namespace: "models" }],
      to: [{ group: "", kind: "Service", name: "keda-add-ons-http-interceptor-proxy" }],
    });
  });
});

describe("KServe's own way", () => {
  test("is asked of OpenShift AI by label and annotation, with a token and the time a generation takes", () => {
    const { apiKey: _, ...open } = base;
    const result = servedModelManifests(
      "llama",
      { ...open, expose: { kserve: { tokenAuthentication: true } } },
      openShift,
    );
    const service = result.ok
      ? result.objects.find(({ object }) => object.kind === "InferenceService")?.object
      : undefined;
    expect(service).toHaveProperty(["metadata", "labels", "networking.kserve.io/visibility"], "exposed");
    expect(service).toHaveProperty(["metadata", "annotations", "security.opendatahub.io/enable-auth"], "true");
    expect(service).toHaveProperty(["metadata", "annotations", "haproxy.router.openshift.io/timeout"], running);
    expect(objectsOf({})["InferenceService models/llama"]).toHaveProperty(
      ["metadata", "labels", "networking.kserve.io/visibility"],
      "cluster-local",
    );
  });
});

describe("problems", () => {
  const ingress = {};
  test.each<[Partial<ServedModelOptions>, string]>([
    [{ expose: { host } }, "expose: says no way; take exactly one of route, ingress, gateway and kserve."],
    [
      { expose: { host, ingress, kserve: {} } },
      "expose: says ingress and kserve; take exactly one of route, ingress, gateway and kserve.",
    ],
    [{ expose: { ingress } }, "expose.host: is missing; say which host clients ask for."],
    [
      { expose: { host: "https://x/", ingress } },
      'expose.host: is "https://x/"; write a host name in lower case, without scheme, port and path, such as llama.example.com.',
    ],
    [
      { expose: { host, ingress }, apiKey: undefined },
      "expose: has no authentication, so whoever reaches the host may use the GPUs. Give apiKey or, on OpenShift AI, expose.kserve.tokenAuthentication; or say expose.unauthenticated.",
    ],
    [
      { expose: { host, ingress, unauthenticated: true } },
      "expose.unauthenticated: is true, but apiKey asks for one. Keep one.",
    ],
    [{ expose: { host, route: {} } }, "expose.route: needs OpenShift. Take ingress or gateway."],
    [
      { expose: { host, ingress }, scaling: { knative: {} } },
      "expose.ingress: would lead past Knative, which counts the requests in its own gateway. Take expose.kserve.",
    ],
    [
      { expose: { kserve: {} }, ...toZero },
      "expose.kserve: would lead past what holds the requests of scaling.http. Take route, ingress or gateway.",
    ],
    [
      { expose: { kserve: {} }, backend: "deployment" },
      'expose.kserve: needs the backend "kserve". Take it, or route, ingress or gateway.',
    ],
    [
      { expose: { kserve: { tokenAuthentication: true } }, apiKey: undefined },
      "expose.kserve.tokenAuthentication: is of OpenShift AI, which the platform is not. Give apiKey.",
    ],
  ])("%#", (options, problem) => {
    expect(problemsOf(options)).toEqual([problem]);
  });

  test("a key and a token cannot both be sent", () => {
    expect(problemsOf({ expose: { kserve: { tokenAuthentication: true } } }, openShift)).toEqual([
      "expose.kserve.tokenAuthentication: and apiKey are both read from the Authorization header, which holds one of them. Keep one.",
    ]);
  });

  test("no authentication is fine by explicit choice", () => {
    expect(problemsOf({ apiKey: undefined, expose: { host, ingress, unauthenticated: true } })).toEqual([]);
  });
});
