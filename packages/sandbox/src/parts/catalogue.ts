import { kubernetesSdkVersion } from "../provider/sdk-version";
import { type BinaryName, pulumiVersion } from "../tools/families";
import type { PartKind } from "./sandbox-part";

/** Two parts are either the official program, where it is installed, or the sandbox's own. */
export type Implementation = "official" | "stand-in";
export type Choice = "provider" | "languageHost";

export interface CataloguedPart {
  /** As users know it. */
  name: string;
  kind: PartKind;
  /** What it consists of, where the name does not say it. */
  includes?: string;
  /** Programs that are it, or that simulate it; each belongs to one part. None: code of the sandbox itself. */
  programs: BinaryName[];
  /** @default that of the programs' family */
  version?: string;
  /** How it differs from the one in a cluster, and why. In code marks where it is code. */
  difference: string;
  /** In use only with this one. */
  onlyWith?: { choice: Choice; implementation: Implementation };
}

/** Every part of a sandbox, from the control plane outwards. */
export function catalogue(): CataloguedPart[] {
  const provider = kubernetesSdkVersion();
  return [
    {
      name: "etcd",
      kind: "real",
      programs: ["etcd"],
      difference: "one; it forces no write to the disk, because the data need not survive the machine",
    },
    {
      name: "Kubernetes",
      kind: "real",
      includes: "API server, controller manager, scheduler",
      programs: ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl"],
      difference:
        "one of each, with RBAC and the default admission; the HPA has its default period of 15 s; no kubelets and no kube-proxy, because nothing runs in containers",
    },
    {
      name: "KEDA",
      kind: "real",
      includes: "operator, metrics adapter, admission webhooks",
      programs: ["keda-operator", "keda-adapter", "keda-admission-webhooks"],
      difference: "run as processes with upstream's permissions; the webhooks are registered by URL",
    },
    {
      name: "KEDA HTTP add-on",
      kind: "real",
      includes: "operator, interceptor, external scaler",
      programs: ["http-add-on-operator", "http-add-on-interceptor", "http-add-on-scaler"],
      difference:
        "run as processes with upstream's ServiceAccounts; the pods of upstream's Deployments stand for them; one interceptor",
    },
    {
      name: "KServe",
      kind: "real",
      includes: "controller and webhooks",
      programs: ["kserve-controller"],
      difference:
        "runs as a process; Standard deployments only: no Knative, Istio, Gateway or Ingress, so an InferenceService's `status.url` names an address that nothing answers at; no LLMInferenceService, no local model cache, no ClusterServingRuntimes",
    },
    {
      name: "Prometheus",
      kind: "real",
      programs: ["prometheus", "promtool"],
      difference: "runs as a process and keeps one day; its pod in the cluster stands for it",
    },
    {
      name: "Prometheus Operator",
      kind: "real",
      programs: ["prometheus-operator"],
      difference:
        "runs as a process with upstream's ClusterRole; honours PodMonitors, ServiceMonitors and PrometheusRules of all namespaces",
    },
    {
      name: "Prometheus's configuration reloader",
      kind: "stand-in",
      programs: [],
      difference:
        "uses what the operator generates as it is, with one rewriting at the end, because pods have no addresses here: a pod's becomes that of its simulator, if the monitor leads to the port vLLM listens on. A configuration that Prometheus refuses is told in the supervisor's log, and the last good one stays",
    },
    {
      name: "kube-rbac-proxy",
      kind: "real",
      includes: "of OpenShift's metrics path",
      programs: ["kube-rbac-proxy"],
      difference: "runs as a process with the settings of thanos-querier's port 9092",
    },
    {
      name: "prom-label-proxy",
      kind: "real",
      includes: "of OpenShift's metrics path",
      programs: ["prom-label-proxy"],
      difference: "runs as a process in front of Prometheus, which is in the place of Thanos",
    },
    {
      name: "OpenShift's service CA",
      kind: "stand-in",
      programs: [],
      difference:
        "writes `openshift-service-ca.crt` into every namespace, with a certificate authority of the sandbox's own; makes no certificates for other Services, which nothing here needs",
    },
    {
      name: "Pulumi",
      kind: "real",
      includes: "CLI and engine",
      programs: ["pulumi"],
      difference: "own `PULUMI_HOME` and file backend inside the sandbox's folder, so that yours are not touched",
    },
    {
      name: "Pulumi's Node.js language host",
      kind: "real",
      programs: [],
      version: `${pulumiVersion} or newer`,
      difference: "used where it is on the PATH and not older than the CLI",
      onlyWith: { choice: "languageHost", implementation: "official" },
    },
    {
      name: "Pulumi's Node.js language host",
      kind: "stand-in",
      programs: ["pulumi-language-nodejs"],
      version: `for SDK ${pulumiVersion}`,
      difference:
        "used where the official one is not on the PATH, because that cannot be built from Go modules; runs programs, policy packs and component plugins, generates and links SDKs; no bun, no debugger, no `pack-sdk`",
      onlyWith: { choice: "languageHost", implementation: "stand-in" },
    },
    {
      name: "Pulumi's Kubernetes provider",
      kind: "real",
      programs: [],
      version: provider,
      difference: "used where the plugin is installed",
      onlyWith: { choice: "provider", implementation: "official" },
    },
    {
      name: "Pulumi's Kubernetes provider",
      kind: "stand-in",
      programs: [],
      version: `for SDK ${provider}`,
      difference:
        "used where the official plugin is not installed, because no package registry has it; covers plain objects, custom resources, patches and, by Helm, Helm releases; one line says that it is in use",
      onlyWith: { choice: "provider", implementation: "stand-in" },
    },
    {
      name: "Helm",
      kind: "real",
      programs: ["helm"],
      difference: "run by the stand-in for the Kubernetes provider; the official one has Helm's library inside",
      onlyWith: { choice: "provider", implementation: "stand-in" },
    },
    {
      name: "Nodes",
      kind: "simulated",
      programs: ["kwok"],
      difference:
        "one with 64 CPU, 320 GiB and 4 L4, three with 16 CPU, 80 GiB and 1 L4, two small ones with CPU only: no machine with a GPU is needed",
    },
    {
      name: "Start-up of pods",
      kind: "simulated",
      programs: [],
      difference:
        "stages of kwok: image, load and compile delays come from the Deployment's annotations, which state what the policy was derived from; no image is pulled and no weights are fetched",
    },
    {
      name: "vLLM",
      kind: "simulated",
      programs: ["llm-d-inference-sim"],
      difference:
        "one process a pod, because there is no GPU; OpenAI API and vLLM's metrics, and a key where `--api-key` or `VLLM_API_KEY` has one; inter-token latency follows the capacity profile's line over concurrency; the text is random",
    },
    {
      name: "Containers and their network",
      kind: "stand-in",
      programs: ["isolate"],
      difference:
        "all parts are processes under the sandbox's supervisor, which starts again what ends, in one network namespace instead of one for each pod; without any where the machine allows none",
    },
    {
      name: "Cluster DNS and kube-proxy",
      kind: "stand-in",
      programs: [],
      difference:
        "a proxy for KEDA and its HTTP add-on, because nothing listens at the addresses of Services and pods: `<service>.<namespace>[.svc[.cluster.local]]`, Service and pod addresses lead to the process of a ready pod, by Service and target port; another port is refused, other hosts are unknown",
    },
    {
      name: "Router",
      kind: "stand-in",

      programs: [],
      difference:
        "in the place of a gateway or an Ingress: sends each request to the ready endpoint with the fewest in flight, and lets removed ones finish",
    },
  ];
}
