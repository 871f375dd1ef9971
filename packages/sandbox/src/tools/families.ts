/**
 * The sandbox's programs, by family: one Go module each under `packages/sandbox/tools/`, because upstream projects pin
 * different Kubernetes versions and `replace` only works in the main module. Versions are those of the `go.mod` files.
 */
export const binaryNames = [
  "isolate",
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kubectl",
  "kwok",
  "llm-d-inference-sim",
  "keda-operator",
  "keda-adapter",
  "keda-admission-webhooks",
  "http-add-on-operator",
  "http-add-on-interceptor",
  "http-add-on-scaler",
  "kserve-controller",
  "prometheus",
  "promtool",
  "prometheus-operator",
  "prom-label-proxy",
  "kube-rbac-proxy",
  "helm",
  "pulumi",
  "pulumi-language-nodejs",
] as const;
export type BinaryName = (typeof binaryNames)[number];

/** Manifests that upstream projects publish inside their modules; a folder of YAML files each. */
export const manifestNames = [
  "keda-crds",
  "keda-webhooks",
  "http-add-on-crds",
  "http-add-on-operator",
  "http-add-on-interceptor",
  "http-add-on-scaler",
  "kserve-config",
  "kserve-crds",
  "kserve-rbac",
  "kserve-storage-containers",
  "kserve-storage-container-crd",
  "kserve-webhooks",
  "kwok-crds",
  "monitoring-crds",
  "prometheus-operator-rbac",
  "prometheus-rbac",
] as const;
export type ManifestName = (typeof manifestNames)[number];

export interface ToolFamily {
  /** Also the folder under `tools/`. */
  name: string;
  /** What users know it as, for progress and reports. */
  title: string;
  version: string;
  /** Go package of each program. */
  binaries: Partial<Record<BinaryName, string>>;
  /** File or folder inside a module of the family. */
  manifests: Partial<Record<ManifestName, { module: string; path: string }>>;
  tags: string[];
  /** Symbols set at link time, so that the programs report their version. */
  symbols: Record<string, string>;
  /** On 2 cores with cold caches, as measured; weighs the progress and the time that is left. */
  coldBuildSeconds: number;
}

const kubernetesVersion = "1.36.3";
/** Also the one that an installed language host must have reached. */
export const pulumiVersion = "3.259.0";
const pulumiVersionSymbol = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version";
const kserveModule = "github.com/kserve/kserve";

/** Symbols both of Kubernetes' version packages read; clients take a version they cannot parse for a very old one. */
function kubernetesSymbols(version: string): Record<string, string> {
  const [major = "", minor = ""] = version.split(".");
  const fields = { gitVersion: `v${version}`, gitMajor: major, gitMinor: minor, gitTreeState: "clean" };
  return Object.fromEntries(
    ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"].flatMap((path) =>
      Object.entries(fields).map(([field, value]) => [`${path}.${field}`, value]),
    ),
  );
}

function prometheusOperatorExample(folder: string): { module: string; path: string } {
  return { module: "github.com/prometheus-operator/prometheus-operator", path: `example/${folder}` };
}

/** In the order they are built: the quick ones first, so that what cannot work on a machine shows early. */
export const toolFamilies: ToolFamily[] = [
  {
    name: "isolate",
    title: "isolate",
    version: "0.1.0",
    binaries: { isolate: "." },
    manifests: {},
    tags: [],
    symbols: {},
    coldBuildSeconds: 10,
  },
  {
    name: "prom-label-proxy",
    title: "prom-label-proxy",
    version: "0.12.0",
    binaries: { "prom-label-proxy": "github.com/prometheus-community/prom-label-proxy" },
    manifests: {},
    tags: [],
    symbols: { "github.com/prometheus/common/version.Version": "0.12.0" },
    coldBuildSeconds: 15,
  },
  {
    name: "etcd",
    title: "etcd",
    version: "3.6.13",
    binaries: { etcd: "go.etcd.io/etcd/server/v3" },
    manifests: {},
    tags: [],
    symbols: {},
    coldBuildSeconds: 35,
  },
  {
    name: "kwok",
    title: "kwok",
    version: "0.8.0",
    binaries: { kwok: "sigs.k8s.io/kwok/cmd/kwok" },
    manifests: { "kwok-crds": { module: "sigs.k8s.io/kwok", path: "kustomize/crd/bases" } },
    tags: [],
    symbols: {},
    coldBuildSeconds: 80,
  },
  {
    name: "http-add-on",
    title: "KEDA HTTP add-on",
    version: "0.15.0",
    binaries: {
      "http-add-on-operator": "github.com/kedacore/http-add-on/operator",
      "http-add-on-interceptor": "github.com/kedacore/http-add-on/interceptor",
      "http-add-on-scaler": "github.com/kedacore/http-add-on/scaler",
    },
    manifests: {
      "http-add-on-crds": { module: "github.com/kedacore/http-add-on", path: "config/crd/bases" },
      "http-add-on-operator": { module: "github.com/kedacore/http-add-on", path: "config/operator" },
      "http-add-on-interceptor": { module: "github.com/kedacore/http-add-on", path: "config/interceptor" },
      "http-add-on-scaler": { module: "github.com/kedacore/http-add-on", path: "config/scaler" },
    },
    tags: [],
    symbols: { "github.com/kedacore/http-add-on/pkg/build.version": "0.15.0" },
    coldBuildSeconds: 110,
  },
  {
    name: "prometheus-operator",
    title: "Prometheus Operator",
    version: "0.93.0",
    binaries: { "prometheus-operator": "github.com/prometheus-operator/prometheus-operator/cmd/operator" },
    manifests: {
      "monitoring-crds": prometheusOperatorExample("prometheus-operator-crd"),
      "prometheus-operator-rbac": prometheusOperatorExample("rbac/prometheus-operator"),
      "prometheus-rbac": prometheusOperatorExample("rbac/prometheus"),
    },
    tags: [],
    symbols: { "github.com/prometheus/common/version.Version": "0.93.0" },
    coldBuildSeconds: 100,
  },
  {
    name: "kube-rbac-proxy",
    title: "kube-rbac-proxy",
    version: "0.19.1",
    binaries: { "kube-rbac-proxy": "github.com/brancz/kube-rbac-proxy/cmd/kube-rbac-proxy" },
    manifests: {},
    tags: [],
    symbols: kubernetesSymbols("0.19.1"),
    coldBuildSeconds: 125,
  },
  {
    name: "helm",
    title: "Helm",
    version: "3.22.0",
    binaries: { helm: "helm.sh/helm/v3/cmd/helm" },
    manifests: {},
    tags: [],
    symbols: { "helm.sh/helm/v3/internal/version.version": "v3.22.0" },
    coldBuildSeconds: 160,
  },
  {
    name: "vllm-simulator",
    title: "vLLM simulator (llm-d-inference-sim)",
    version: "0.10.2",
    binaries: { "llm-d-inference-sim": "github.com/llm-d/llm-d-inference-sim/cmd/llm-d-inference-sim" },
    manifests: {},
    tags: [],
    symbols: {},
    coldBuildSeconds: 150,
  },
  {
    name: "prometheus",
    title: "Prometheus",
    version: "3.14.0",
    binaries: {
      prometheus: "github.com/prometheus/prometheus/cmd/prometheus",
      promtool: "github.com/prometheus/prometheus/cmd/promtool",
    },
    manifests: {},
    // Service discovery of one platform only: the others bring in every cloud's SDK.
    tags: ["netgo", "remove_all_sd", "enable_kubernetes_sd"],
    symbols: { "github.com/prometheus/common/version.Version": "3.14.0" },
    coldBuildSeconds: 150,
  },
  {
    name: "pulumi",
    title: "Pulumi",
    version: pulumiVersion,
    binaries: { pulumi: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi" },
    manifests: {},
    tags: [],
    symbols: { [pulumiVersionSymbol]: `v${pulumiVersion}` },
    coldBuildSeconds: 205,
  },
  {
    name: "pulumi-language-nodejs",
    title: "Pulumi's Node.js language host",
    version: pulumiVersion,
    binaries: { "pulumi-language-nodejs": "." },
    manifests: {},
    tags: [],
    // Told apart from the official one by what follows the plus.
    symbols: { [pulumiVersionSymbol]: `v${pulumiVersion}+vllm-serving` },
    // After Pulumi, with which it shares most of its packages.
    coldBuildSeconds: 15,
  },
  {
    name: "kserve",
    title: "KServe",
    version: "0.20.0",
    binaries: { "kserve-controller": "github.com/kserve/kserve/cmd/manager" },
    manifests: {
      "kserve-config": { module: kserveModule, path: "config/configmap/inferenceservice.yaml" },
      "kserve-crds": { module: kserveModule, path: "config/crd/full" },
      "kserve-rbac": { module: kserveModule, path: "config/rbac" },
      "kserve-storage-containers": { module: kserveModule, path: "config/storagecontainers/default.yaml" },
      "kserve-storage-container-crd": {
        module: kserveModule,
        path: "config/crd/full/clusterstoragecontainer/serving.kserve.io_clusterstoragecontainers.yaml",
      },
      "kserve-webhooks": { module: kserveModule, path: "config/webhook/manifests.yaml" },
    },
    tags: [],
    symbols: {},
    coldBuildSeconds: 140,
  },
  {
    name: "keda",
    title: "KEDA",
    version: "2.20.2",
    binaries: {
      "keda-operator": "github.com/kedacore/keda/v2/cmd/operator",
      "keda-adapter": "github.com/kedacore/keda/v2/cmd/adapter",
      "keda-admission-webhooks": "github.com/kedacore/keda/v2/cmd/webhooks",
    },
    manifests: {
      "keda-crds": { module: "github.com/kedacore/keda/v2", path: "config/crd/bases" },
      "keda-webhooks": { module: "github.com/kedacore/keda/v2", path: "config/webhooks/validation_webhooks.yaml" },
    },
    tags: [],
    symbols: { "github.com/kedacore/keda/v2/version.Version": "2.20.2" },
    coldBuildSeconds: 340,
  },
  {
    name: "kubernetes",
    title: "Kubernetes",
    version: kubernetesVersion,
    binaries: {
      "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
      "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
      "kube-scheduler": "k8s.io/kubernetes/cmd/kube-scheduler",
      kubectl: "k8s.io/kubernetes/cmd/kubectl",
    },
    manifests: {},
    tags: [],
    symbols: kubernetesSymbols(kubernetesVersion),
    coldBuildSeconds: 480,
  },
];

/** The family that a program belongs to. */
export function familyOf(program: BinaryName): ToolFamily {
  const family = toolFamilies.find(({ binaries }) => program in binaries);
  if (family === undefined) throw new Error(`No family of tools has the program ${program}.`);
  return family;
}

/** Version of a family. @throws Error when there is none of that name. */
export function versionOf(name: string): string {
  const family = toolFamilies.find((one) => one.name === name);
  if (family === undefined) throw new Error(`There are no tools named ${name}.`);
  return family.version;
}
