import type { Configuration, ModelConfiguration, PlatformConfiguration } from "vllm-serving/config";
import { platformReference } from "vllm-serving/manifests";

const prometheusUrl = "http://prometheus-operated.monitoring.svc.cluster.local:9090";
/** OpenShift's metrics path: who sends a token reads through it. */
const tenancyUrl = "https://thanos-querier.openshift-monitoring.svc.cluster.local:9092";
/** What the sandbox's pods take, in place of what was measured on GPUs. */
const startup = { imagePullSeconds: 2, loadSeconds: 6, compileSeconds: 2 };
const longestGenerationSeconds = 15;
const scrapeIntervalSeconds = 5;
const gpuProduct = "NVIDIA-L4";

/**
 * A stack's configuration as it can run in a sandbox: the same models, objectives and bounds with the sandbox's cluster, Prometheus, GPUs
 * and delays. Versions stay, since they decide how objects are spelt. Namespaces that were somebody else's are made.
 */
export function sandboxConfiguration({ platform, models }: Configuration): Configuration {
  const inSandbox = sandboxPlatform(platform);
  return {
    cluster: { expect: { context: "vllm-serving-sandbox-*", server: "https://127.0.0.1:*" } },
    platform: inSandbox,
    models: models.map((model, index) =>
      sandboxModel(
        model,
        platformReference(inSandbox).prometheusUrl,
        !models.slice(0, index).some(sharesNamespaceWith(model)),
      ),
    ),
  };
}

function sandboxPlatform(platform: PlatformConfiguration): PlatformConfiguration {
  const { prometheusAuthentication } = platformReference(platform);
  const { distribution, keda, kserve, gpus, kubernetesVersion } = platform;
  return {
    distribution,
    prometheus:
      prometheusAuthentication === "none"
        ? { url: prometheusUrl, tenancy: false, authentication: "none" }
        : {
            url: tenancyUrl,
            tenancy: true,
            ...(platform.prometheus?.authentication === undefined
              ? {}
              : { authentication: platform.prometheus.authentication }),
            certificateAuthority: { configMap: "openshift-service-ca.crt", key: "service-ca.crt" },
          },
    keda: { ...alreadyThere(keda), namespace: "keda", serviceAccount: "keda-operator" },
    kserve: { ...alreadyThere(kserve), namespace: "kserve" },
    gpus: { ...(gpus?.budget === undefined ? {} : { budget: gpus.budget }), products: [gpuProduct] },
    ...(kubernetesVersion === undefined ? {} : { kubernetesVersion }),
  };
}

/** What an environment installs or adopts is there in the sandbox; what it does without, it does without here too. */
function alreadyThere(piece: PlatformConfiguration["kserve"] = {}) {
  const { mode, version } = piece;
  return {
    ...(mode === undefined ? {} : { mode: mode === "none" ? mode : ("existing" as const) }),
    ...(version === undefined ? {} : { version }),
  };
}

function sandboxModel(model: ModelConfiguration, url: string, firstOfNamespace: boolean): ModelConfiguration {
  const { extraTriggers, ...rest } = model;
  return {
    ...rest,
    // A claim that exists is in a namespace that exists.
    createNamespace: firstOfNamespace && model.weights.existingClaim === undefined,
    gpuProduct,
    startup,
    longestGenerationSeconds,
    scrapeIntervalSeconds,
    ...(extraTriggers === undefined
      ? {}
      : {
          extraTriggers: extraTriggers.map((trigger) => ({
            ...trigger,
            metadata:
              trigger.type === "prometheus" ? { ...trigger.metadata, serverAddress: url } : { ...trigger.metadata },
          })),
        }),
  };
}

function sharesNamespaceWith({ namespace }: ModelConfiguration): (other: ModelConfiguration) => boolean {
  return (other) => other.namespace === namespace;
}
