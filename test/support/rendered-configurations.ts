import type { RenderedObject } from "vllm-serving/config";
import { changed, environmentOf, render } from "./configuration";

/** All settings of a model that add something to its objects and go together. */
const everything = {
  servedModelName: "meta-llama/Llama-3.1-8B-Instruct",
  vllmVersion: "0.30.0",
  image: "registry.example.com/vllm:0.30.0",
  maxNumSeqs: 64,
  extraArgs: ["--enforce-eager", "--chat-template={{ messages }}"],
  apiKey: { name: "llama-key", key: "token" },
  resources: { requests: { cpu: "2", memory: "24Gi" }, limits: { memory: "24Gi" } },
  tolerations: [{ operator: "Exists" }],
  runAsUser: 2000,
  podMonitorLabels: { release: "kube-prometheus-stack" },
  trend: { horizonSeconds: 120 },
  saturationAlert: { forSeconds: 600, severity: "critical", labels: { release: "kube-prometheus-stack" } },
  slo: {
    itl: { atMostMs: 75, goodRatio: 0.5 },
    tpot: { atMostMs: 120 },
    ttft: { atMostMs: 5000 },
    e2e: { atMostMs: 240_000 },
    queueTime: { atMostMs: 5000 },
  },
  extraTriggers: [
    {
      type: "cron",
      name: "morning",
      metadata: { timezone: "Europe/Berlin", start: "0 7 * * *", end: "0 9 * * *", desiredReplicas: "3" },
    },
  ],
};

const hardware = {
  displayName: "NVIDIA L4",
  kind: "HardwareProfile",
  maxGpus: 2,
  cpu: { min: "1", proposed: "4", max: "8" },
  memory: { min: "8Gi", max: "32Gi" },
  nodeSelector: { "nvidia.com/gpu.product": "NVIDIA-L4" },
  tolerations: [{ key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" }],
};
const profiles = {
  "OpenShift AI 3": {
    productVersion: "3.3.0",
    profiles: [
      { ...hardware, name: "l4" },
      { name: "plain", namespace: "llm" },
    ],
  },
  "OpenShift AI 2.22": { productVersion: "2.22.0", profiles: [{ ...hardware, name: "l4" }, { name: "gpu" }] },
};

const install = { mode: "install" };
const platforms = {
  kubernetes: {
    certManager: install,
    gpus: install,
    keda: install,
    kedaHttpAddon: install,
    knative: install,
    kserve: install,
  },
  openshift: {
    certManager: install,
    gpus: install,
    keda: { ...install, operator: { startingCsv: "custom-metrics-autoscaler.v2.19.0-4" } },
    kedaHttpAddon: install,
    knative: install,
    kserve: install,
  },
};

const revision = "0e9e39f249a16976918f6564b8830bc894c89659";

const connections = {
  "a connection with a URI": { connection: { name: "models", type: "uri" } },
  "a connection to a bucket": { connection: { name: "models", type: "s3", path: "llama" } },
};

const localModel = { sourceUri: "hf://meta-llama/Llama-3.1-8B-Instruct", nodeGroups: ["gpu"] };

const weights = {
  "a claim": { existingClaim: "weights" },
  "a download to NFS by CSI": {
    nfs: {
      server: "nfs.example.com",
      path: "/models",
      driver: "csi",
      download: { repository: "meta-llama/Llama-3.1-8B-Instruct", revision, tokenSecret: { name: "hf", key: "token" } },
    },
  },
  "an image": { modelImage: { reference: "registry.example.com/models/llama:1" } },
  "an image as a volume": { modelImage: { reference: "registry.example.com/models/llama:1", native: true } },
  "Hugging Face": {
    huggingFace: { repository: "meta-llama/Llama-3.1-8B-Instruct", revision, serviceAccountName: "hf" },
  },
  "a bucket": { s3: { uri: "s3://models/llama", storageKey: "models" } },
  "the nodes' disks": {
    localModel: { ...localModel, serviceAccountName: "hf" },
  },
};

const transformer = {
  image: "registry.example.com/tokens:1",
  args: ["--workers=2"],
  env: { LOG: "debug" },
  replicas: { min: 2, max: 4 },
};
const transformed = {
  "beside a Deployment": { transformer: { ...transformer, targetCpuPercent: 60 } },
  "in KServe's own autoscaling by KEDA": { transformer, scaling: { kserveKeda: {} } },
  "in KServe's own autoscaling by CPU": { transformer, scaling: { hpa: { metric: "cpu", targetPercent: 70 } } },
  "in Knative": {
    scaling: { knative: {} },
    transformer: { ...transformer, knative: { target: 4, containerConcurrency: 8, windowSeconds: 30 } },
  },
};

/**
 * Configurations that together make every kind of object, and every field of it that a setting adds. What renders something new
 * belongs here, or among the ways to serve beside it: it is then checked against a real API server.
 */
export const renderedConfigurations: { name: string; rendered: RenderedObject[] }[] = [
  ...["sandbox", "kubernetes", "openshift"].map((environment) => ({
    name: `the ${environment} environment`,
    rendered: render(environmentOf(environment)),
  })),
  ...Object.entries(platforms).map(([distribution, platform]) => ({
    name: `a platform that is installed on ${distribution}`,
    rendered: render(changed(distribution, {}, platform)),
  })),
  {
    name: "OpenShift AI 2.22 with Serverless",
    rendered: render(
      changed(
        "openshift",
        { scaling: { knative: {} } },
        {
          knative: install,
          serviceMesh: install,
          authorino: install,
          kserve: { ...install, productVersion: "2.22.0", serverless: true },
        },
      ),
    ),
  },
  {
    name: "Knative by an objective, to zero",
    rendered: render(
      changed(
        "kubernetes",
        { replicas: { min: 0, max: 3 }, scaling: { knative: {} } },
        { knative: { mode: "existing" } },
      ),
    ),
  },
  ...Object.entries(profiles).map(([name, kserve]) => ({
    name: `profiles of ${name}`,
    rendered: render(changed("openshift", {}, { kserve })),
  })),
  { name: "every setting of a model on KServe", rendered: render(changed("kubernetes", everything)) },
  {
    name: "every setting of a model as a Deployment",
    rendered: render(changed("kubernetes", { ...everything, backend: "deployment", createNamespace: true })),
  },
  ...Object.entries(weights).map(([name, source]) => ({
    name: `weights from ${name}`,
    rendered: render(changed("kubernetes", { weights: source }, { kubernetesVersion: "1.36.3" })),
  })),
  ...Object.entries(connections).map(([name, source]) => ({
    name: `weights from ${name}`,
    rendered: render(changed("openshift", { weights: source })),
  })),
  {
    name: "an image of a model beside a Deployment, on pre-pulled nodes",
    rendered: render(
      changed("kubernetes", {
        backend: "deployment",
        weights: weights["an image as a volume"],
        compileCacheClaim: "compilations",
        prePullImage: true,
      }),
    ),
  },
  ...[{}, { scaling: { kserveKeda: {} } }].map((scaling) => ({
    name: `a password for Prometheus${"scaling" in scaling ? " in KServe's ScaledObject" : ""}`,
    rendered: render(
      changed("kubernetes", scaling, {
        prometheus: {
          url: "https://prometheus.example",
          authentication: "basic",
          credentialsSecret: { name: "prometheus-reader" },
          certificateAuthority: { configMap: "company-ca", key: "ca.pem" },
        },
      }),
    ),
  })),
  ...Object.entries(transformed).map(([name, model]) => ({
    name: `a transformer ${name}`,
    rendered: render(changed("kubernetes", model, { knative: { mode: "existing" } })),
  })),
  {
    name: "a token in a Secret",
    rendered: render(
      changed(
        "kubernetes",
        {},
        { prometheus: { url: "https://prometheus.example", authentication: "serviceAccountTokenSecret" } },
      ),
    ),
  },
];

/** What older releases read in their own spelling. */
export const renderedForDocuments: { name: string; rendered: RenderedObject[] }[] = [
  {
    name: "every setting of a model",
    rendered: render(changed("kubernetes", everything, { kserve: { version: "0.15.2" } })),
  },
  {
    name: "a model on the nodes' disks",
    rendered: render(changed("kubernetes", { weights: { localModel } }, { kserve: { version: "0.15.2" } })),
  },
];
