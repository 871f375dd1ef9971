import { CertManagerInstaller } from "../manifests/platform/cert-manager";
import { GpuDriver } from "../manifests/platform/gpu-operator-values";
import { ProfileKind } from "../manifests/platform/openshift/dashboard-profiles";
import { KServeProduct } from "../manifests/platform/openshift/open-data-hub";
import { Distribution, PieceMode } from "../manifests/platform/piece";
import { PrometheusAuthentication } from "../manifests/platform-reference";
import { choice, flag, list, mapping, number, release, sensitive, text, textMap } from "./fields";
import { tolerationSchema } from "./toleration-schema";

const chartSchema = mapping({
  repository: text("a chart repository")
    .exactOptional()
    .describe("An https URL, or `oci://` in front of the chart's own folder. Default: upstream's."),
  version: text("a chart's version").exactOptional().describe("Default: the one that belongs to `version`."),
});

const operatorSchema = mapping({
  catalog: text("a CatalogSource").exactOptional().describe("CatalogSource, e.g. a mirrored one. Default: Red Hat's."),
  catalogNamespace: text("a namespace")
    .exactOptional()
    .describe("Namespace of the CatalogSource. Default: `openshift-marketplace`."),
  channel: text("a channel").exactOptional().describe("Channel of the package. Default: a pinned one."),
  startingCsv: text("a ClusterServiceVersion")
    .exactOptional()
    .describe(
      "Version to install and to stay at until this is changed. Default: the channel's newest, with its updates.",
    ),
});

const rangeSchema = (what: string) =>
  mapping({
    min: text("a quantity").describe("Least a model may take."),
    proposed: text("a quantity").exactOptional().describe("What the dashboard proposes. Default: `min`."),
    max: text("a quantity").exactOptional().describe("Most. Default: no limit."),
  })
    .exactOptional()
    .describe(what);

const profileSchema = mapping({
  name: text("a name").describe("Name of the object."),
  displayName: text("a name").exactOptional().describe("Name in the dashboard. Default: `name`."),
  namespace: text("a namespace")
    .exactOptional()
    .describe("The one project that is offered it. Default: that of OpenShift AI's applications, so every project."),
  kind: choice(ProfileKind)
    .exactOptional()
    .describe("Default: `HardwareProfile` from version 3 of the product on, `AcceleratorProfile` before."),
  maxGpus: number().exactOptional().describe("Most GPUs a model may take. Default: no limit."),
  cpu: rangeSchema("CPU, of a HardwareProfile. Default: at least 1, 4 proposed."),
  memory: rangeSchema("Memory, of a HardwareProfile. Default: at least 2Gi, 16Gi proposed."),
  nodeSelector: textMap().exactOptional().describe("Labels of the nodes, of a HardwareProfile. Default: any node."),
  tolerations: list(tolerationSchema)
    .exactOptional()
    .describe("Taints the pods tolerate. Default: `nvidia.com/gpu`, NoSchedule."),
});

const retainOnDelete = flag()
  .exactOptional()
  .describe(
    "With `install`: leave all of it in the cluster when this stack is destroyed or names it no more. Set it and run `pulumi up` before `mode` changes. Default: false.",
  );

/** A piece of which only the operator is installed, on OpenShift. */
const operatorPiece = (mode: string) => ({
  mode: choice(PieceMode).exactOptional().describe(mode),
  retainOnDelete,
  operator: operatorSchema.exactOptional().describe("Where its operator comes from."),
});

/** What every piece of the platform has, with what is said of its mode, version and namespace. */
const piece = (what: { mode: string; version: string; namespace: string }) => ({
  mode: choice(PieceMode).exactOptional().describe(what.mode),
  retainOnDelete,
  version: release().exactOptional().describe(what.version),
  namespace: text("a namespace").exactOptional().describe(what.namespace),
  chart: chartSchema
    .exactOptional()
    .describe("Where its Helm chart comes from, on Kubernetes; of `kedaHttpAddon` on OpenShift too."),
  operator: operatorSchema.exactOptional().describe("Where its operator comes from, on OpenShift."),
});

export const platformSchema = mapping({
  distribution: choice(Distribution).describe("What kind of cluster it is."),
  prometheus: mapping({
    ...piece({
      mode: "Who owns Prometheus. Default: `existing`.",
      version: "Version of what is installed: on Kubernetes that of the chart kube-prometheus-stack.",
      namespace: "Namespace of what is installed. Default: `monitoring`.",
    }),
    retention: text("a duration of Prometheus")
      .exactOptional()
      .describe(
        "How long an installed Prometheus, or user-workload monitoring, keeps metrics. Default: the chart's, `10d`; what OpenShift has.",
      ),
    storage: text("a quantity")
      .exactOptional()
      .describe("Size of an installed Prometheus' volume. Default: none, so metrics go with its pod."),
    storageClassName: text("a StorageClass")
      .exactOptional()
      .describe("StorageClass of that volume. Default: the cluster's default class."),
    url: sensitive(text("an http or https URL"))
      .exactOptional()
      .describe(
        "Base URL as KEDA reaches it, path prefix included. Default: thanos-querier's port 9092 on OpenShift, that of an installed Prometheus on Kubernetes; else required.",
      ),
    clusterPodMonitor: mapping({
      namespace: text("a namespace").describe("Namespace of the PodMonitor."),
      name: text("the name of a PodMonitor").describe("Name of the PodMonitor."),
    })
      .exactOptional()
      .describe(
        "A PodMonitor that is there and scrapes the models of every namespace: models then make none of their own. Default: those that are found.",
      ),
    detectMonitors: flag()
      .exactOptional()
      .describe(
        "Look, in each preview and update, for PodMonitors and ServiceMonitors of others that scrape every model of a namespace: models make none of their own there. Default: true.",
      ),
    tenancy: flag()
      .exactOptional()
      .describe("Send the model's namespace along, as tenancy proxies want it. Default: true on OpenShift."),
    authentication: choice(PrometheusAuthentication)
      .exactOptional()
      .describe("How KEDA authenticates. Default: `boundServiceAccountToken` on OpenShift, else `none`."),
    credentialsSecret: mapping({
      name: text("the name of a Secret").describe("Name of the Secret, which exists in each model's namespace."),
      usernameKey: text("a key of the Secret").exactOptional().describe("Key of the user name. Default: `username`."),
      passwordKey: text("a key of the Secret").exactOptional().describe("Key of the password. Default: `password`."),
    })
      .exactOptional()
      .describe("User name and password; required with the authentication `basic`."),
    certificateAuthority: mapping({
      configMap: text("the name of a ConfigMap").describe("Name of the ConfigMap."),
      key: text("a key of the ConfigMap").describe("Key in it; its value is PEM."),
    })
      .exactOptional()
      .describe(
        "Authority that signs Prometheus' certificate, in a ConfigMap of each model's namespace. Default: `service-ca.crt` of `openshift-service-ca.crt` on OpenShift, else none.",
      ),
  })
    .exactOptional()
    .describe("Where the autoscaler's metrics are. Default on OpenShift: the cluster's own."),
  keda: mapping({
    ...piece({
      mode: "Who owns KEDA. Default: `existing`.",
      version: "KEDA's version, which decides what a policy may say about its fallback.",
      namespace: "Namespace of KEDA's operator. Default: `openshift-keda` on OpenShift, else `keda`.",
    }),
    serviceAccount: text("the name of a ServiceAccount")
      .exactOptional()
      .describe("ServiceAccount of KEDA's operator. Default: `keda-operator`."),
  })
    .exactOptional()
    .describe("The autoscaler's operator (on OpenShift: the Custom Metrics Autoscaler)."),
  kedaHttpAddon: mapping({
    ...piece({
      mode: "Who owns KEDA's HTTP add-on. Default: `none`.",
      version: "The add-on's version.",
      namespace: "Namespace of the add-on. Default: KEDA's.",
    }),
    longestRequestSeconds: number("seconds")
      .exactOptional()
      .describe(
        "Longest a request may take, generation and start included: nothing cuts it before, and models that need more are refused. Default: 600; with `existing` nothing is compared.",
      ),
  })
    .exactOptional()
    .describe("What holds requests while a model starts from zero."),
  certManager: mapping({
    ...piece({
      mode: "Who owns cert-manager. Default: `none`.",
      version: "cert-manager's version.",
      namespace: "Namespace of cert-manager. Default: `cert-manager`.",
    }),
    installer: choice(CertManagerInstaller)
      .exactOptional()
      .describe(
        "What installs its chart on Kubernetes: a Helm release of ours, or Pulumi's component, whose package must be installed too. Default: `release`.",
      ),
  })
    .exactOptional()
    .describe("What makes the certificates of webhooks."),
  kserve: mapping({
    ...piece({
      mode: "Who owns KServe. Default: `existing`; `none` on a cluster where all models have the backend `deployment`.",
      version: "KServe's version, which decides how an InferenceService is spelt; at least 0.15.0.",
      namespace: "Namespace of KServe's controller. Default: `redhat-ods-applications` on OpenShift, else `kserve`.",
    }),
    runtimes: list(text("a runtime of KServe's chart"))
      .exactOptional()
      .describe("KServe's ready-made runtimes to install on Kubernetes, e.g. `huggingfaceserver`. Default: none."),
    product: choice(KServeProduct)
      .exactOptional()
      .describe("On OpenShift: what brings KServe. Default: `openShiftAi`."),
    productVersion: release()
      .exactOptional()
      .describe("On OpenShift: version of the product, which decides how its resources are spelt."),
    serverless: flag()
      .exactOptional()
      .describe(
        "On OpenShift, before version 3 of the product: it serves through Knative too, made from the operators of `knative`, `serviceMesh` and `authorino`. Say it of one that exists, too. Default: false.",
      ),
    profiles: list(profileSchema)
      .exactOptional()
      .describe("On OpenShift: hardware that the dashboard offers and models name in `dashboard`. Default: none."),
  })
    .exactOptional()
    .describe("What makes pods of InferenceServices (on OpenShift: that of OpenShift AI or Open Data Hub)."),
  knative: mapping({
    ...piece({
      mode: "Who owns Knative Serving. Default: `none`.",
      version: "Knative Serving's version; on Kubernetes its operator's is `chart.version`.",
      namespace: "Namespace of Knative Serving. Default: `knative-serving`.",
    }),
    longestRequestSeconds: number("seconds")
      .exactOptional()
      .describe(
        "Longest a request may take, generation and start included: the most a revision's timeout may be, and models that need more are refused. With `existing`, what the cluster allows. Default: 600.",
      ),
  })
    .exactOptional()
    .describe("What scales by requests and to zero (on OpenShift: OpenShift Serverless)."),
  serviceMesh: mapping(
    operatorPiece(
      "Who owns Service Mesh 2: `adopt` where its operator is there, `existing` where its mesh is too. Default: `none`.",
    ),
  )
    .exactOptional()
    .describe("From what OpenShift AI 2 makes the mesh in front of Knative, with `kserve.serverless`."),
  authorino: mapping(operatorPiece("Who owns Authorino. Default: `none`: no tokens are checked."))
    .exactOptional()
    .describe("By what OpenShift AI 2 checks the tokens of models that it serves through Knative."),
  gpus: mapping({
    ...piece({
      mode: "Who owns the GPU operator. Default: `existing`.",
      version: "The GPU operator's version.",
      namespace: "Namespace of the GPU operator. Default: `gpu-operator` on Kubernetes.",
    }),
    driver: choice(GpuDriver)
      .exactOptional()
      .describe("Who puts NVIDIA's driver on the nodes: the GPU operator, or the node's image. Default: `operator`."),
    nodeFeatureDiscovery: flag()
      .exactOptional()
      .describe("Have the operator bring node feature discovery; false where it runs already. Default: true."),
    nodeFeatureDiscoveryOperator: operatorSchema
      .exactOptional()
      .describe("Where node feature discovery's operator comes from, on OpenShift."),
    tolerations: list(tolerationSchema)
      .exactOptional()
      .describe("Taints of the GPU nodes beside `nvidia.com/gpu`. Default: none."),
    serviceMonitorLabels: textMap()
      .exactOptional()
      .describe("Labels of DCGM exporter's ServiceMonitor, for a Prometheus that selects by label."),
    timeSlices: number()
      .exactOptional()
      .describe(
        "Slices of a GPU on nodes labelled `nvidia.com/device-plugin.config: shared`. Models with an objective never take them. Default: no sharing.",
      ),
    products: list(text("a GPU product as its node label says"))
      .exactOptional()
      .describe(
        "GPU products of the nodes, as GPU feature discovery labels them, with `-SHARED` behind it where they are sliced. Default: `NVIDIA-L4`.",
      ),
    budget: number()
      .exactOptional()
      .describe(
        "GPUs that all models may use together: `replicas.max` times `gpus`, summed. Default: nothing is compared.",
      ),
  })
    .exactOptional()
    .describe("The GPU nodes."),
  kubernetesVersion: release()
    .exactOptional()
    .describe("Kubernetes' version, checked against the oldest one supported."),
}).describe("What the cluster offers to every model.");
