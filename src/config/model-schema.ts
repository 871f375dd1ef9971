import { ServingBackend } from "../manifests/vllm-server-options";
import { choice, flag, list, mapping, number, release, sensitive, text, textMap } from "./fields";
import {
  capacitySchema,
  extraTriggerSchema,
  knativeSchema,
  loadSchema,
  replicasSchema,
  saturationAlertSchema,
  scalingSchema,
  sloSchema,
  trendSchema,
} from "./scaling-schema";
import { tolerationSchema } from "./toleration-schema";
import { weightsSchema } from "./weights-schema";

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

const resourcesOf = (byDefault: string) =>
  mapping({
    requests: textMap().exactOptional().describe("Quantities by resource."),
    limits: textMap().exactOptional().describe("Quantities by resource."),
  })
    .exactOptional()
    .describe(`CPU and memory of the container. Default: ${byDefault}.`);

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
  load: loadSchema,
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
  trend: trendSchema,
  saturationAlert: saturationAlertSchema,
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
    .describe(
      "Further arguments of `vllm serve`; flags that another field sets are refused. Guards count at the edges of `--custom-histogram-buckets`.",
    ),
  apiKey: sensitive(
    mapping({
      name: text("the name of a Secret").describe("Name of the Secret."),
      key: text("a key of the Secret").describe("Key in it."),
    }),
  )
    .exactOptional()
    .describe("Secret in the model's namespace that holds the key clients must send. Default: no key."),
  resources: resourcesOf(
    "requests 4 CPU and 16Gi, limit 16Gi; GPUs are added. With `runtime` the limit of CPU is what is requested, unless `limits.cpu` says another",
  ),
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
  imagePullSecrets: list(text("the name of a Secret"))
    .exactOptional()
    .describe(
      "Pull secrets of the namespace: for the image of the server, of the model, of the download, of the pre-pull.",
    ),
  priorityClassName: text("the name of a PriorityClass")
    .exactOptional()
    .describe("Who is evicted when GPUs are short. Default: the cluster's."),
  maxSurge: number()
    .exactOptional()
    .describe("Replicas above the wanted ones while pods are replaced; each needs GPUs of its own. Default: 0."),
  maxDisrupted: number()
    .exactOptional()
    .describe("Replicas that may be evicted at once, by a PodDisruptionBudget. Default: none is made."),
  transformer: mapping({
    image: text("an image").describe("Image; it must take KServe's `--model_name`, `--predictor_host`, `--http_port`."),
    args: list(text("an argument")).exactOptional().describe("Arguments before those that KServe adds."),
    env: sensitive(textMap()).exactOptional().describe("Environment variables, by name; for all to read."),
    resources: resourcesOf("requests 1 CPU and 1Gi, limit 2Gi"),
    replicas: mapping({
      min: number().exactOptional().describe("Fewest replicas; 0 only with Knative. Default: 1."),
      max: number().describe("Most replicas."),
    })
      .exactOptional()
      .describe("Default: one."),
    targetCpuPercent: number()
      .exactOptional()
      .describe(
        "CPU use in percent of what is requested, above which replicas are added; without Knative. Default: 80.",
      ),
    knative: knativeSchema.exactOptional().describe("How Knative scales it. Default: Knative's figures."),
  })
    .exactOptional()
    .describe("What KServe puts in front of the model; clients ask it. Needs the backend `kserve`. Default: nothing."),
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
  serviceMonitor: flag()
    .exactOptional()
    .describe(
      "Make a ServiceMonitor in its place. Default: with `runtime`, unless OpenShift AI makes one; else false.",
    ),
  podMonitorLabels: textMap()
    .exactOptional()
    .describe("Labels of the monitor, for a Prometheus that selects them by label."),
}).describe("One model: its weights, its replicas, its autoscaler.");
