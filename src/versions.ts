/**
 * Versions this package is written against and installs by default. Each is an argument somewhere; this file is the
 * only place that names a default.
 */
export const versions = {
  vllm: "0.30.0",
  keda: "2.20.2",
  /** Red Hat's Custom Metrics Autoscaler 2.19.0-4 ships KEDA 2.19. */
  customMetricsAutoscaler: "2.19.0",
  /** KEDA's HTTP add-on. */
  httpAddOn: "0.15.0",
  kserve: "0.20.0",
  kedaHttpAddOn: "0.15.0",
  gpuOperator: "26.7.0",
  certManager: "1.21.2",
  /** Pulumi's component that installs cert-manager, where it is asked for. */
  certManagerPlugin: "0.2.0",
  knativeOperator: "1.23.0",
  /** What the pinned KServe is tested with (kserve/kserve, `kserve-deps.env`). */
  knativeServing: "1.21.1",
  kubePrometheusStack: "88.5.3",
  /** KServe in Open Data Hub, which OpenShift AI is made of (opendatahub-io/kserve, config/component_metadata.yaml). */
  openDataHubKServe: "0.17.0",
  /** Image of the Job that wakes a model: curl and a shell, 20 MB. */
  curlImage: "docker.io/curlimages/curl:8.22.0",
  /**
   * KServe's image for downloads, which has Hugging Face's command line and runs as user 1000, so in a namespace of Pod Security
   * `restricted` too. Its version is not that of the server: an update of vLLM must not run a download again.
   */
  storageInitializer: "0.20.0",
  /** OpenShift AI and Open Data Hub: which resources they have, and how these are spelt. */
  openShiftAi: "3.5.0",
  openDataHub: "3.5.0",
  kubernetes: "1.36.3",
  /** Kubernetes under OpenShift 4.22. */
  openShiftKubernetes: "1.35.0",
} as const;

/** Channels of operators on OpenShift. Each is an argument too. */
export const channels = {
  customMetricsAutoscaler: "stable",
  nodeFeatureDiscovery: "stable",
  gpuOperator: "v26.7",
  certManager: "stable-v1",
  serverless: "stable",
  /** Service Mesh 2, which OpenShift AI 2 needs for its Serverless mode. */
  serviceMesh: "stable",
  authorino: "stable",
} as const;
