import { isAbsolute } from "node:path";
import { z } from "zod";
import { NfsDriver } from "../manifests/persistent-volume";
import { HpaMetric, HttpRouteKind, KnativeMetric } from "../manifests/scaling-options";
import { ServingBackend } from "../manifests/vllm-server-options";
import { ConnectionType } from "../manifests/weights-source";
import { Headroom } from "../policy/policy-input";
import { MetricType } from "../policy/scaled-object";
import { choice, flag, list, mapping, number, release, sensitive, text, textMap } from "./fields";
import { platformSchema } from "./platform-schema";
import { tolerationSchema } from "./toleration-schema";

/** `*` alone would match any cluster. */
const pattern = (what: string) => text(what).regex(/[^*]/, `${what}, with more in it than *`);

const clusterSchema = mapping({
  kubeconfig: sensitive(
    text("the path of a kubeconfig file").refine(
      (path) => isAbsolute(path) || path.startsWith("~/"),
      "the path of a kubeconfig file, absolute or beginning with ~/",
    ),
  )
    .exactOptional()
    .describe("Path of the kubeconfig file; `~/` is the home directory. Default: `KUBECONFIG`, else `~/.kube/config`."),
  context: text("a context's name").exactOptional().describe("Context to use. Default: the file's current context."),
  expect: mapping({
    context: pattern("the name of a context")
      .exactOptional()
      .describe("Name the context must have; `*` stands for any characters, everything else is literal."),
    server: pattern("the URL of an API server")
      .exactOptional()
      .describe("URL the API server must have; `*` stands for any characters."),
  })
    .refine((expected) => expected.context !== undefined || expected.server !== undefined, {
      error: "a mapping with `context` or `server`, by which the right cluster is known",
    })
    .describe("Which cluster this environment is for: anything else is refused before a resource is touched."),
}).describe("The cluster everything is created in, through one explicit provider.");

const objective = (what: string, quantile: number) =>
  mapping({
    atMostMs: number("milliseconds").describe("Bound in milliseconds."),
    quantile: number()
      .exactOptional()
      .describe(`Share of observations that must keep the bound, 0.5 is the median. Default: ${quantile}.`),
  })
    .exactOptional()
    .describe(what);

const sloSchema = mapping({
  itl: objective("Inter-token latency: the gap between two outputs of one request.", 0.5),
  tpot: objective("Time per output token: one mean a request.", 0.5),
  ttft: objective("Time to first token, queueing included.", 0.9),
  e2e: objective("End-to-end latency of a request.", 0.9),
  queueTime: objective("Time a request waits before it is scheduled.", 0.9),
})
  .exactOptional()
  .describe("Latencies the model must keep: at least one. Required unless `scaling` names its targets itself.");

const replicasSchema = mapping({
  min: number().exactOptional().describe("Replicas kept without load. Default: 1, with `scaling.http` 0."),
  max: number().describe("Most replicas."),
}).describe("Bounds of the autoscaler.");

const cooldown = () =>
  number("seconds")
    .exactOptional()
    .describe("Seconds without a request after which the last replica goes. Default: three starts, at least 60.");

const scalingSchema = mapping({
  scaledObject: mapping({
    wokenElsewhere: flag()
      .exactOptional()
      .describe("With `replicas.min` 0: something else starts the first replica. Default: false."),
    cooldownSeconds: cooldown(),
  })
    .exactOptional()
    .describe("A ScaledObject compiled from `slo` and `capacity`: the default."),
  http: mapping({
    hosts: list(text("a host name"))
      .exactOptional()
      .describe("Host names clients ask for, beside those inside the cluster."),
    cooldownSeconds: cooldown(),
    kind: choice(HttpRouteKind)
      .exactOptional()
      .describe("Resource of the HTTP add-on: `InterceptorRoute` (default), or `HTTPScaledObject` before 0.14."),
  })
    .exactOptional()
    .describe("No replica while nobody asks: KEDA's HTTP add-on holds requests; the SLO decides above one replica."),
  knative: mapping({
    metric: choice(KnativeMetric)
      .exactOptional()
      .describe("What is counted; `cpu` and `memory` are of Knative's class HPA. Default: `concurrency`."),
    target: number()
      .exactOptional()
      .describe(
        "What a replica is asked to carry of it. Default for `concurrency`: what `capacity` carries within `slo`.",
      ),
    targetUtilizationPercent: number()
      .exactOptional()
      .describe(
        "Share of the target above which replicas are added. Default: 100 without `target`, else Knative's 70.",
      ),
    containerConcurrency: number()
      .exactOptional()
      .describe("Most requests in a replica at once, at least `target`. Default: no limit."),
    initialScale: number().exactOptional().describe("Replicas a new revision starts with. Default: Knative's, 1."),
    activationScale: number()
      .exactOptional()
      .describe("Replicas that the first request after zero starts, at least 2. Default: 1."),
    windowSeconds: number("seconds")
      .exactOptional()
      .describe("Over which the metric is averaged, 6 to 3600. Default: Knative's, 60."),
    panicWindowPercent: number()
      .exactOptional()
      .describe("Panic window in percent of the window. Default: Knative's, 10."),
    panicThresholdPercent: number()
      .exactOptional()
      .describe("Load in percent of the target at which panic begins. Default: Knative's, 200."),
    targetBurstCapacity: number()
      .exactOptional()
      .describe("Requests the activator holds for a burst; -1 always has it in the path. Default: Knative's."),
    scaleDownDelaySeconds: number("seconds")
      .exactOptional()
      .describe("For which the load must be lower before replicas go, at most 3600. Default: Knative's, 0."),
    podRetentionSeconds: number("seconds")
      .exactOptional()
      .describe("Least time the last replica stays after the decision to go to zero. Default: Knative's, 0."),
    maxRevisionTimeoutSeconds: number("seconds")
      .exactOptional()
      .describe("Longest request that the cluster's Knative allows (`config-defaults`). Default: 600."),
  })
    .exactOptional()
    .describe("KServe's Knative mode: Knative counts the requests in front of the pods. Needs the backend `kserve`."),
  kserveKeda: mapping({
    triggers: list(
      mapping({
        query: text("a PromQL query").describe("PromQL with one result, a sum over all replicas."),
        threshold: number().describe("What a replica is asked to carry of it."),
      }),
    )
      .exactOptional()
      .describe("Default: requests in flight against what `capacity` carries within `slo`."),
  })
    .exactOptional()
    .describe(
      "KServe makes the ScaledObject (class `keda`): without latency guard and fallback. Needs the backend `kserve`.",
    ),
  hpa: mapping({
    metric: choice(HpaMetric).describe("What is measured."),
    targetPercent: number().describe("Use in percent of what the container requests, 1 to 100."),
  })
    .exactOptional()
    .describe("A HorizontalPodAutoscaler on CPU or memory, for serving on CPUs."),
})
  .exactOptional()
  .describe("How replicas follow the load: at most one block; docs/strategies.md compares them.");

const capacitySchema = mapping({
  profile: text("the id of a capacity profile")
    .exactOptional()
    .describe("Id of a shipped capacity profile, e.g. `llama-3.1-8b-l4`."),
  promptTokens: number().exactOptional().describe("Mean prompt length of the load; required with a profile."),
  outputTokens: number().exactOptional().describe("Mean output length of the load; required with a profile."),
  concurrencyPerReplica: number()
    .exactOptional()
    .describe("In-flight requests a replica carries within the SLO, as measured: used instead of a profile."),
  headroom: choice(Headroom)
    .exactOptional()
    .describe("How much of its capacity a replica is loaded with: `loose` (80 %, default) or `contractual` (50 %)."),
  gpusPerReplica: number().exactOptional().describe("GPUs one replica uses. Default: the model's `gpus`."),
  gpuBudget: number().exactOptional().describe("GPUs this model may use at most."),
})
  .exactOptional()
  .describe("What one replica can do. Required with `slo`.");

const extraTriggerSchema = mapping({
  type: text("a KEDA trigger type").describe("Type of the KEDA scaler, e.g. `cron`."),
  name: text("a trigger's name").exactOptional().describe("Name, unique among the triggers."),
  metadata: sensitive(textMap()).describe("Passed to KEDA unchanged."),
  metricType: choice(MetricType).exactOptional().describe("Default: KEDA's, `AverageValue`."),
  authenticationName: text("the name of a TriggerAuthentication")
    .exactOptional()
    .describe("TriggerAuthentication of the namespace that holds its credentials."),
});

const serviceAccountName = () => text("the name of a ServiceAccount").exactOptional();

const downloadSchema = mapping({
  repository: text("a repository").describe("Repository at Hugging Face, as `owner/name`."),
  revision: text("a commit").describe("Commit, as its 40 hexadecimal digits; another one is another download."),
  allowMovingRevision: flag()
    .exactOptional()
    .describe("Accept a branch or a tag as `revision`, which is downloaded once however it moves. Default: false."),
  include: text("a pattern").exactOptional().describe("Only files that match it. Default: all."),
  exclude: z
    .string("a pattern, a string")
    .exactOptional()
    .describe("Not the files that match it; empty for none. Default: `original/*`."),
  tokenSecret: sensitive(
    mapping({
      name: text("the name of a Secret").describe("Name of the Secret."),
      key: text("a key of the Secret").describe("Key in it."),
    }),
  )
    .exactOptional()
    .describe("Secret of the model's namespace that holds the token for gated repositories. Default: none."),
  endpoint: sensitive(text("an http or https URL")).exactOptional().describe("Mirror. Default: Hugging Face."),
  image: text("an image")
    .exactOptional()
    .describe("Image with `hf` or `huggingface-cli`. Default: `kserve/storage-initializer`."),
  runAsUser: number()
    .exactOptional()
    .describe("User id of the container, above 0; not on OpenShift. Default: the image's."),
  expectedSeconds: number("seconds")
    .exactOptional()
    .describe("How long it is expected to take; given up after three times that and 10 minutes. Default: 100 MB/s."),
  mountOptions: list(text("a mount option")).exactOptional().describe("Options of the mount it writes to."),
})
  .exactOptional()
  .describe("Download a model to the export, by a Job that completes before anything is served.");

const weightsSchema = mapping({
  nfs: mapping({
    server: text("a host name or address").describe("Host name or address of the NFS server."),
    path: text("an absolute path").describe("Export."),
    driver: choice(NfsDriver)
      .exactOptional()
      .describe("Who mounts it: `inTree` (default), or `csi`, the driver `nfs.csi.k8s.io`, which must be installed."),
    mountOptions: list(text("a mount option"))
      .exactOptional()
      .describe("Replace the defaults, which suit vLLM's eager load."),
    download: downloadSchema,
  })
    .exactOptional()
    .describe("NFS export that holds the weights or that they are downloaded to; volumes and claims are made."),
  existingClaim: text("the name of a PersistentVolumeClaim")
    .exactOptional()
    .describe("Claim that exists in the model's namespace."),
  modelImage: mapping({
    reference: text("an image").describe("Image with the model in its directory `/models`, without `oci://`."),
    native: flag()
      .exactOptional()
      .describe("Mount it as an image volume (`oci+native://`): KServe 0.20 and Kubernetes 1.35. Default: false."),
  })
    .exactOptional()
    .describe("A ModelCar: an image that holds the weights."),
  huggingFace: mapping({
    repository: text("a repository").describe("Repository, as `owner/name`."),
    revision: text("a commit").describe("Commit, as its 40 hexadecimal digits."),
    allowMovingRevision: flag().exactOptional().describe("Accept a branch or a tag as `revision`. Default: false."),
    serviceAccountName: serviceAccountName().describe(
      "ServiceAccount that names a Secret with the key `HF_TOKEN`. Default: the namespace's.",
    ),
  })
    .exactOptional()
    .describe("Repository at Hugging Face that each new pod fetches, by KServe."),
  s3: mapping({
    uri: text("s3://bucket/path").describe("`s3://bucket/path`."),
    serviceAccountName: serviceAccountName().describe(
      "ServiceAccount that names a Secret with the credentials. Default: the namespace's.",
    ),
    storageKey: text("a key").exactOptional().describe("Key of the Secret `storage-config` that describes the store."),
  })
    .exactOptional()
    .describe("Folder of an object store that each new pod fetches, by KServe."),
  connection: mapping({
    name: text("the name of a Secret").describe("Name of the connection's Secret."),
    type: choice(ConnectionType).describe("What it holds: `uri` (from Open Data Hub and OpenShift AI 3.0 on) or `s3`."),
    path: text("a path").exactOptional().describe("With `s3`: the folder of the model in the bucket."),
  })
    .exactOptional()
    .describe("Connection made in OpenShift AI's dashboard."),
  localModel: mapping({
    sourceUri: text("a URI").describe("Where the nodes fetch it from, e.g. `hf://owner/name:revision`."),
    nodeGroups: list(text("the name of a LocalModelNodeGroup")).describe("Groups of nodes that hold a copy."),
    serviceAccountName: serviceAccountName().describe("ServiceAccount with the credentials of the fetch; KServe 0.18."),
  })
    .exactOptional()
    .describe("Copy on the nodes' disks, kept by KServe's local model cache, which must be switched on."),
  subPath: text("a relative path")
    .exactOptional()
    .describe("Directory of the model inside the volume; with a download, the one its revisions go into."),
  size: text("a Kubernetes quantity such as 100Gi")
    .exactOptional()
    .describe("Written on volume and claim, which NFS does not enforce; taken of a node's cache. Default: `100Gi`."),
  modelGigabytes: number("gigabytes")
    .exactOptional()
    .describe("Size of the model's files, from which times of loads and downloads follow. Default: the profile's."),
  bandwidthMegabytesPerSecond: number("megabytes a second")
    .exactOptional()
    .describe("What the storage gives to all that read at the same time. Default: not a limit."),
}).describe(
  "Where the weights are: exactly one of `nfs`, `existingClaim`, `modelImage`, `huggingFace`, `s3`, `connection`, `localModel`.",
);

const startupSchema = mapping({
  imagePullSeconds: number("seconds")
    .exactOptional()
    .describe("Pull of the image. Default: 60, or 0 with `prePullImage`; with a model image, its pull too."),
  loadSeconds: number("seconds")
    .exactOptional()
    .describe("Weights into the GPU. Default: by their size and where they are; 60 where the size is not known."),
  compileSeconds: number("seconds").exactOptional().describe("Compilation and graph capture. Default: 45."),
})
  .exactOptional()
  .describe("Time from pod scheduled to Ready, by its parts. Measure it: it decides the scaling windows.");

const resourcesSchema = mapping({
  requests: textMap().exactOptional().describe("Quantities by resource."),
  limits: textMap().exactOptional().describe("Quantities by resource."),
})
  .exactOptional()
  .describe("CPU and memory of the container; GPUs are added. Default: requests 4 CPU and 16Gi, limit 16Gi.");

const annotationsOf = (what: string) =>
  textMap().exactOptional().describe(`Further annotations of the ${what}; they win over ours.`);

const exposureSchema = mapping({
  host: text("a host name").exactOptional().describe("Host name clients ask for; required, save with `kserve`."),
  route: mapping({ annotations: annotationsOf("Route") })
    .exactOptional()
    .describe("An OpenShift Route, whose router ends TLS."),
  ingress: mapping({
    className: text("an IngressClass").exactOptional().describe("Default: the cluster's default class."),
    tlsSecret: text("the name of a Secret")
      .exactOptional()
      .describe("Certificate in the model's namespace. Default: the controller's own."),
    annotations: annotationsOf("Ingress"),
  })
    .exactOptional()
    .describe("An Ingress, with timeouts for ingress-nginx."),
  gateway: mapping({
    name: text("the name of a Gateway").describe("Gateway that exists."),
    namespace: text("a namespace").exactOptional().describe("Its namespace. Default: the model's."),
    sectionName: text("a listener's name").exactOptional().describe("Listener. Default: all that match the host."),
    tls: flag()
      .exactOptional()
      .describe("Whether the listener ends TLS: `https` or `http` in `externalUrl`. Default: true."),
  })
    .exactOptional()
    .describe("An HTTPRoute of a Gateway."),
  kserve: mapping({
    tokenAuthentication: flag()
      .exactOptional()
      .describe(
        "OpenShift AI: only with a token of a ServiceAccount that may get the InferenceService. Default: false.",
      ),
  })
    .exactOptional()
    .describe("KServe's own way: Knative's gateway, the Route of OpenShift AI, or what KServe is configured for."),
  unauthenticated: flag()
    .exactOptional()
    .describe("Whoever reaches the host may use the GPUs; otherwise `apiKey` or a token is required. Default: false."),
})
  .exactOptional()
  .describe("How clients outside of the cluster reach the model: exactly one way. Default: not at all.");

export const modelSchema = mapping({
  name: text("a name").describe("Name of the model's objects. Renaming a model replaces it."),
  namespace: text("a namespace").describe("Namespace everything goes into; it must exist unless `createNamespace`."),
  createNamespace: flag().exactOptional().describe("Make the namespace too, and remove it on destroy. Default: false."),
  servedModelName: text("a name").exactOptional().describe("Name clients ask for. Default: `name`."),
  backend: choice(ServingBackend)
    .exactOptional()
    .describe("What makes the pods: `kserve` (default), or `deployment`, which needs nothing on the cluster."),
  weights: weightsSchema,
  slo: sloSchema,
  replicas: replicasSchema,
  scaling: scalingSchema,
  expose: exposureSchema,
  capacity: capacitySchema,
  prometheusTriggerAuthentication: text("the name of a TriggerAuthentication")
    .exactOptional()
    .describe(
      "TriggerAuthentication of the namespace to read Prometheus with, also that of another model (`<name>-prometheus`). Default: one of its own.",
    ),
  startup: startupSchema,
  longestGenerationSeconds: number("seconds")
    .exactOptional()
    .describe("Longest generation a removed replica may finish: the drain. Default: 120."),
  scrapeIntervalSeconds: number("seconds").exactOptional().describe("How often the metrics are read. Default: 15."),
  extraTriggers: list(extraTriggerSchema).exactOptional().describe("Triggers of your own beside those of the SLO."),
  image: text("an image").exactOptional().describe("Default: `vllm/vllm-openai:v<vllmVersion>`."),
  vllmVersion: release()
    .exactOptional()
    .describe("vLLM's version, which decides its flags and the names of its metrics; required with `image`."),
  gpus: number()
    .exactOptional()
    .describe("GPUs a replica uses, also the tensor parallel size; 0 on CPUs, with an `image` for them. Default: 1."),
  gpuProduct: text("a GPU product as its node label says").exactOptional().describe("Default: `NVIDIA-L4`."),
  maxModelLen: number().exactOptional().describe("Longest prompt plus output in tokens. Default: 8192."),
  maxNumSeqs: number().exactOptional().describe("Most sequences in one step. Default: vLLM's own."),
  extraArgs: sensitive(list(text("an argument")))
    .exactOptional()
    .describe("Further arguments of `vllm serve`; flags that another field sets are refused."),
  apiKey: sensitive(
    mapping({
      name: text("the name of a Secret").describe("Name of the Secret."),
      key: text("a key of the Secret").describe("Key in it."),
    }),
  )
    .exactOptional()
    .describe("Secret in the model's namespace that holds the key clients must send. Default: no key."),
  resources: resourcesSchema,
  tolerations: list(tolerationSchema).exactOptional().describe("Default: tolerates `nvidia.com/gpu`, NoSchedule."),
  runAsUser: number()
    .exactOptional()
    .describe("User id of the container where Pod Security wants one that is not 0; not on OpenShift."),
  compileCacheClaim: text("the name of a PersistentVolumeClaim")
    .exactOptional()
    .describe("ReadWriteMany claim that replicas share their compilations on. Default: each compiles for itself."),
  prePullImage: flag().exactOptional().describe("Keep the image on all nodes of the GPU product. Default: false."),
  runtime: mapping({
    name: text("the name of a runtime").describe("ServingRuntime of the namespace, or ClusterServingRuntime."),
    modelFormat: text("a model format").describe("Format of the model, one of those the runtime lists."),
    port: number().exactOptional().describe("Port its container serves at. Default: 8080."),
  })
    .exactOptional()
    .describe(
      "Runtime that is there, e.g. `kserve-huggingfaceserver`; it brings image, probes and arguments. Default: our own.",
    ),
  imagePullSecrets: list(text("the name of a Secret")).exactOptional().describe("Pull secrets of the namespace."),
  priorityClassName: text("the name of a PriorityClass")
    .exactOptional()
    .describe("Who is evicted when GPUs are short. Default: the cluster's."),
  maxSurge: number()
    .exactOptional()
    .describe("Replicas above the wanted ones while pods are replaced; each needs GPUs of its own. Default: 0."),
  maxDisrupted: number()
    .exactOptional()
    .describe("Replicas that may be evicted at once, by a PodDisruptionBudget. Default: none is made."),
  dashboard: mapping({
    displayName: text("a name").exactOptional().describe("Name in the list of models."),
    hardwareProfile: mapping({
      name: text("the name of a HardwareProfile").describe("Name of the profile."),
      namespace: text("a namespace").exactOptional().describe("Default: that of OpenShift AI's applications."),
    })
      .exactOptional()
      .describe("Profile to show; OpenShift AI's webhook adds what it says to the pods."),
    acceleratorProfile: text("the name of an AcceleratorProfile")
      .exactOptional()
      .describe("The same before OpenShift AI 2.19."),
  })
    .exactOptional()
    .describe("Shows the model in OpenShift AI's dashboard. Default: not shown."),
  podMonitor: flag()
    .exactOptional()
    .describe("Make a PodMonitor; off when something else scrapes. Default: true, without `serviceMonitor`."),
  serviceMonitor: flag().exactOptional().describe("Make a ServiceMonitor in its place. Default: false."),
  podMonitorLabels: textMap()
    .exactOptional()
    .describe("Labels of the monitor, for a Prometheus that selects them by label."),
}).describe("One model: its weights, its replicas, its autoscaler.");

/** Stack configuration under `vllm-serving:`, in the form `z.toJSONSchema` and the error report read it. */
export const configurationSchema = mapping({
  cluster: clusterSchema,
  platform: platformSchema,
  models: list(modelSchema, "a list of models").describe(
    "The models to serve; with none, the stack is the platform alone.",
  ),
});

/** What a stack of the root program is configured with: the values of the `vllm-serving:` keys, found valid. */
export type Configuration = z.infer<typeof configurationSchema>;
export type ClusterConfiguration = Configuration["cluster"];
export type ExpectedCluster = ClusterConfiguration["expect"];
export type PlatformConfiguration = Configuration["platform"];
export type ModelConfiguration = Configuration["models"][number];

/** Namespace of these keys in a stack's configuration: the project's name. */
export const configurationNamespace = "vllm-serving";
