import type { Startup } from "./start-up";
import type { Transformer } from "./transformer-options";
import type { WeightsMount } from "./weights-mount";

/** CPU and memory of the container, as Kubernetes quantities by resource name. */
export interface ContainerResources {
  requests?: Record<string, string> | undefined;
  limits?: Record<string, string> | undefined;
}

/** A taint the pods tolerate; the fields of Kubernetes' Toleration. */
export interface PodToleration {
  key?: string | undefined;
  /** `Exists` or `Equal`. @default `Equal` */
  operator?: string | undefined;
  value?: string | undefined;
  /** `NoSchedule`, `PreferNoSchedule` or `NoExecute`. @default all of them */
  effect?: string | undefined;
  tolerationSeconds?: number | undefined;
}

/** A key of a Secret in the model's namespace. */
export interface SecretKey {
  name: string;
  key: string;
}

/** A ServingRuntime of the namespace or a ClusterServingRuntime that somebody else made, such as `kserve-huggingfaceserver`. */
export interface ExistingRuntime {
  name: string;
  /** Format of the model, one of those the runtime lists. */
  modelFormat: string;
  /** Port the runtime's container serves at. @default 8080 */
  port?: number | undefined;
}

/** A HardwareProfile of OpenShift AI: resources, node selector and tolerations that its dashboard offers. */
export interface HardwareProfile {
  name: string;
  /** @default the namespace of OpenShift AI's applications, which its dashboard looks in first */
  namespace?: string | undefined;
}

/** How the dashboard of OpenShift AI shows a model. */
export interface DashboardSettings {
  /** Name in the list of models. @default the model's */
  displayName?: string | undefined;
  /** Profile to show; OpenShift AI's webhook adds what the profile says to the pods. @default none */
  hardwareProfile?: HardwareProfile | undefined;
  /** AcceleratorProfile to show, before OpenShift AI 2.19. @default none */
  acceleratorProfile?: string | undefined;
}

/** What makes a server's pods out of its description. */
export const ServingBackend = {
  /** A ServingRuntime and an InferenceService, from which KServe makes the Deployment. */
  KServe: "kserve",
  /** A Deployment of our own: needs nothing on the cluster. */
  Deployment: "deployment",
} as const;
export type ServingBackend = (typeof ServingBackend)[keyof typeof ServingBackend];

/** What of KServe scales the pods. */
export const PredictorClass = {
  /** A ScaledObject that KServe makes. */
  Keda: "keda",
  /** A HorizontalPodAutoscaler that KServe makes. */
  Hpa: "hpa",
  /** A Knative Service that KServe makes. */
  Knative: "knative",
} as const;
export type PredictorClass = (typeof PredictorClass)[keyof typeof PredictorClass];

/** A Prometheus query by which KEDA scales what KServe made. */
export interface PredictorTrigger<S = string> {
  query: string;
  /** A decimal number. */
  threshold: string;
  serverAddress: S;
  /** TriggerAuthentication of the namespace, whose credentials Prometheus wants. @default none */
  authenticationName?: string | undefined;
  /** What they are: `bearer` or `basic`. @default `bearer` */
  authenticationMode?: string | undefined;
}

/** The fields of an InferenceService's predictor by which KServe scales it. */
export interface PredictorScaling<S = string> {
  class: PredictorClass;
  minReplicas: number;
  maxReplicas: number;
  scaleMetric?: string | undefined;
  scaleTarget?: number | undefined;
  containerConcurrency?: number | undefined;
  /** Longest request in seconds; of the class `knative`. */
  timeoutSeconds?: number | undefined;
  /** Annotations of the revision; of the class `knative`. */
  annotations?: Record<string, string> | undefined;
  /** Of the class `keda`. */
  triggers?: PredictorTrigger<S>[] | undefined;
  /** Seconds the load must be lower before replicas go; of the class `keda`. */
  scaleDownWindowSeconds?: number | undefined;
}

/** How vLLM runs, wherever its weights are. */
export interface VllmServerSettings {
  /**
   * What makes the pods: `kserve` or `deployment`. URL, pods and scaling are the same. Changing it replaces all pods: the new ones
   * start beside the old ones and need GPUs of their own.
   * @default `kserve`: platforms, dashboards and gateways know models as InferenceServices
   */
  backend?: ServingBackend;
  /** Image with `vllm` on its path. @default `vllm/vllm-openai:v<vllmVersion>` */
  image?: string | undefined;
  /**
   * vLLM in the image, which decides the arguments it gets and the names of its metrics. Required with `image`.
   * @default the pinned version of `versions.ts`
   */
  vllmVersion?: string | undefined;
  /** GPUs a replica uses, which is also vLLM's tensor parallel size; 0 to serve on CPUs, with an `image` built for them. @default 1 */
  gpus?: number | undefined;
  /** Only nodes whose label `nvidia.com/gpu.product` is this. @default `NVIDIA-L4` */
  gpuProduct?: string | undefined;
  /** Longest prompt plus output in tokens (`--max-model-len`). @default 8192 */
  maxModelLen?: number | undefined;
  /** Most sequences in one step (`--max-num-seqs`). @default vLLM's own */
  maxNumSeqs?: number | undefined;
  /**
   * Further arguments of `vllm serve`, passed unchanged after ours. Flags that another argument sets are refused. The guards of a model
   * count at the edges of `--custom-histogram-buckets`.
   */
  extraArgs?: string[] | undefined;
  /** Key clients must send, read from an existing Secret (`VLLM_API_KEY`). @default none: the endpoint is open inside the cluster */
  apiKey?: SecretKey | undefined;
  /** How long a replica takes to start; it decides the probes and the windows of scaling. */
  startup?: Startup | undefined;
  /**
   * Longest generation in seconds: what a replica that goes may still finish, hence its drain and its grace period, and how long
   * scaling down waits.
   * @default 120
   */
  longestGenerationSeconds?: number | undefined;
  /**
   * CPU and memory of the container; GPUs are added. On a `runtime` that is there, a request without a limit is the limit too: a model
   * gets no more CPU than it requests, 4 by default, unless `limits.cpu` is given.
   * @default requests 4 CPU and 16Gi, limit 16Gi
   */
  resources?: ContainerResources | undefined;
  /** Taints the pods tolerate. @default `nvidia.com/gpu` with effect NoSchedule */
  tolerations?: PodToleration[] | undefined;
  /**
   * User id of the container, as Pod Security's level `restricted` wants one that is not 0. Not on OpenShift, which gives each
   * namespace its own.
   * @default the image's, which is root for `vllm/vllm-openai`
   */
  runAsUser?: number | undefined;
  /**
   * Claim of the namespace, ReadWriteMany, that replicas share their compilations on: the next one starts with a warm cache. They
   * are kept by model, version of vLLM and GPU, so that several models may share a claim.
   * @default each replica compiles for itself, on its node's disk
   */
  compileCacheClaim?: string | undefined;
  /**
   * Keep the image on all nodes of the GPU product, by a DaemonSet that does nothing else, so that a replica never waits for it.
   * @default false: it needs its own pod on each of these nodes
   */
  prePullImage?: boolean | undefined;
  /**
   * Runtime that is there, instead of one of our own, with the backend `kserve`. It brings image, probes and arguments; those of `extraArgs`
   * come after its own, and after the name of the model where the format is `huggingface`. KServe mounts the weights at `/mnt/models`.
   * @default a ServingRuntime of vLLM
   */
  runtime?: ExistingRuntime | undefined;
  /**
   * Pull secrets of the namespace, by name: for the image of the server, of the model (`modelImage`), of the download and of the pre-pull.
   * @default none beside those of the ServiceAccount
   */
  imagePullSecrets?: string[] | undefined;
  /** PriorityClass of the pods: who is evicted when GPUs are short. @default the cluster's */
  priorityClassName?: string | undefined;
  /**
   * Replicas above the wanted ones while pods are replaced; each needs GPUs of its own. With 0 one is replaced after the other.
   * @default 0: with all GPUs in use a surge pod would stay Pending, and the rollout never end
   */
  maxSurge?: number | undefined;
  /** Replicas that may be evicted at once, e.g. by the drain of a node: makes a PodDisruptionBudget. @default none, so all at once */
  maxDisrupted?: number | undefined;
  /** What KServe puts in front of the model, with the backend `kserve`: `url` then leads to it. @default nothing */
  transformer?: Transformer | undefined;
  /** Shows the model in OpenShift AI's dashboard; needs the backend `kserve`. @default not shown */
  dashboard?: DashboardSettings | undefined;
  /** Make a PodMonitor. Off when something else already scrapes the pods: two would double every sum. @default true, without `serviceMonitor` */
  podMonitor?: boolean | undefined;
  /**
   * Make a ServiceMonitor in the place of the PodMonitor, for a Prometheus that looks for those alone.
   * @default false; with `runtime` true, but on OpenShift AI, which makes one where the runtime has the annotation `prometheus.io/port`
   */
  serviceMonitor?: boolean | undefined;
  /** Labels of the PodMonitor or ServiceMonitor, for a Prometheus that selects monitors by label. */
  podMonitorLabels?: Record<string, string> | undefined;
  /** Seconds between two scrapes, which bound how soon load is seen. @default 15 */
  scrapeIntervalSeconds?: number | undefined;
}

/** `S` is `string`, or `Input<string>` inside a Pulumi program: such values are placed in manifests, never looked at. */
export interface VllmServerOptions<S = string> extends VllmServerSettings, WeightsMount<S> {
  /** Namespace of all objects. It must exist. */
  namespace: S;
  /** Name clients ask for, and the `model_name` label of the metrics: no second server of the namespace may have it. */
  servedModelName: string;
  /** KServe's version on the cluster, which decides how the InferenceService is spelt. @default the pinned version of `versions.ts` */
  kserveVersion?: S | undefined;
  /** How KServe scales the pods; with the backend `kserve` only. @default not at all: they belong to an autoscaler of our own or yours */
  predictor?: PredictorScaling<S> | undefined;
  /** `<kind> <namespace>/<name>` of a monitor that scrapes the pods already: none is made beside it. @default none, as is the empty text */
  monitoredBy?: S | undefined;
  /** KServe makes a way in from outside of the cluster. @default false */
  exposedByKServe?: boolean | undefined;
  /** On OpenShift AI, only with a token of a ServiceAccount that may get the InferenceService. @default false */
  tokenAuthentication?: boolean | undefined;
  /** Whether the autoscaler may leave it without a replica: then nothing waits for one. @default false */
  mayHaveNoReplica?: boolean | undefined;
  /** Capacity profile the policy was derived from, written as an annotation. */
  capacityProfileId?: string | undefined;
  /** Mean prompt length in tokens the policy was derived from, written as an annotation. */
  meanPromptTokens?: number | undefined;
  /** Mean output length in tokens the policy was derived from, written as an annotation. */
  meanOutputTokens?: number | undefined;
}

export const serverDefaults = {
  backend: ServingBackend.KServe,
  gpus: 1,
  gpuProduct: "NVIDIA-L4",
  maxModelLen: 8192,
  longestGenerationSeconds: 120,
  scrapeIntervalSeconds: 15,
} as const;
