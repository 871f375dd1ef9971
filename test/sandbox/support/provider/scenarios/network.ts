import type { JsonObject } from "../../../../../packages/sandbox/src/provider/json";
import type { Scenario } from "../scenario";
import { creates, isGivenAddress } from "./cluster";
import { inNamespace, object, service } from "./objects";

const type = "networking.k8s.io/v1:Ingress";
const target = { apiVersion: "networking.k8s.io/v1", kind: "Ingress" };

const backend = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "thing" },
  spec: { selector: { app: "none" }, ports: [{ port: 80 }] },
};

/** What leads to pods, and a budget for their disruptions. */
export const networkScenarios: Scenario[] = [
  {
    name: "service",
    type: "core/v1:Service",
    steps: [
      { do: "up", program: web("service", { ports: [{ port: 80 }] }), timeoutSeconds: 60 },
      { do: "up", program: web("service", { ports: [{ port: 80 }] }) },
      { do: "refresh" },
      { do: "up", program: web("service", { ports: [{ port: 81, name: "http" }] }), timeoutSeconds: 60 },
      { do: "compare", program: web("service", { clusterIP: "None", ports: [{ port: 81, name: "http" }] }) },
      { do: "destroy", timeoutSeconds: 60 },
    ],
  },
  {
    name: "service-headless",
    type: "core/v1:Service",
    steps: [
      { do: "up", program: web("service-headless", { clusterIP: "None", ports: [{ port: 80 }] }), timeoutSeconds: 60 },
      { do: "refresh" },
    ],
  },
  {
    name: "service-invalid",
    type: "core/v1:Service",
    steps: [
      { do: "preview", program: web("service-invalid", { ports: [{ port: 99999 }] }) },
      { do: "up", program: web("service-invalid", { ports: [{ port: 99999 }] }) },
    ],
  },

  {
    name: "service-load-balancer",
    type: "core/v1:Service",
    steps: [
      { do: "up", program: balancer("service-load-balancer"), timeoutSeconds: 8 },
      { do: "refresh" },
      {
        do: "up",
        program: balancer("service-load-balancer"),
        meanwhile: isGivenAddress({ apiVersion: "v1", kind: "Service" }),
        timeoutSeconds: 60,
      },
      { do: "destroy", timeoutSeconds: 60 },
    ],
  },
  {
    name: "ingress",
    type,
    steps: [
      { do: "outside", what: "service", act: creates(backend) },
      {
        do: "up",
        program: ingress("ingress"),
        meanwhile: isGivenAddress(target),
        timeoutSeconds: 60,
      },
      { do: "up", program: ingress("ingress") },
      { do: "refresh" },
      { do: "up", program: ingress("ingress", "/models"), timeoutSeconds: 60 },
      { do: "destroy", timeoutSeconds: 60 },
    ],
  },
  {
    name: "ingress-without-controller",
    type,
    steps: [
      { do: "outside", what: "service", act: creates(backend) },
      { do: "up", program: ingress("ingress-without-controller"), timeoutSeconds: 4 },
      { do: "refresh" },
      {
        do: "up",
        program: ingress("ingress-without-controller"),
        meanwhile: isGivenAddress(target),
        timeoutSeconds: 60,
      },
      { do: "destroy", timeoutSeconds: 60 },
    ],
  },
  {
    name: "ingress-without-service",
    type,
    steps: [
      {
        do: "up",
        program: ingress("ingress-without-service"),
        meanwhile: isGivenAddress(target),
        timeoutSeconds: 4,
      },
      { do: "refresh" },
      { do: "destroy", timeoutSeconds: 60 },
    ],
  },
  {
    name: "pod-disruption-budget",
    type: "policy/v1:PodDisruptionBudget",
    steps: [
      { do: "up", program: budget(1) },
      { do: "up", program: budget(1) },
      { do: "up", program: budget("50%") },
      { do: "refresh" },
      { do: "destroy" },
    ],
  },
  {
    name: "horizontal-pod-autoscaler",
    type: "autoscaling/v2:HorizontalPodAutoscaler",
    steps: [
      { do: "up", program: autoscaler(3) },
      { do: "up", program: autoscaler(4) },
      { do: "refresh" },
      { do: "destroy" },
    ],
  },
];

function web(scenario: string, spec: Parameters<typeof service>[1]) {
  return service(inNamespace(scenario), { selector: { app: "none" }, ...spec });
}

function balancer(scenario: string) {
  return web(scenario, { type: "LoadBalancer", ports: [{ port: 80 }] });
}

function ingress(scenario: string, path = "/"): JsonObject {
  const backend = { service: { name: "thing", port: { number: 80 } } };
  const rules = [{ host: "thing.test", http: { paths: [{ path, pathType: "Prefix", backend }] } }];
  return object("networking.k8s.io/v1", "Ingress", { rules }, { metadata: inNamespace(scenario) });
}

function budget(maxUnavailable: number | string): JsonObject {
  const spec = { maxUnavailable, selector: { matchLabels: { app: "none" } } };
  return object("policy/v1", "PodDisruptionBudget", spec, { metadata: inNamespace("pod-disruption-budget") });
}

function autoscaler(maxReplicas: number): JsonObject {
  const resource = { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } };
  const spec = {
    scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "none" },
    minReplicas: 1,
    maxReplicas,
    metrics: [{ type: "Resource", resource }],
  };
  return object("autoscaling/v2", "HorizontalPodAutoscaler", spec, {
    metadata: inNamespace("horizontal-pod-autoscaler"),
  });
}
