import type { Configuration, ModelConfiguration, PlatformConfiguration } from "vllm-serving/config";
import { platformReference } from "vllm-serving/manifests";
import { ExplainedError } from "./explained-error";
import { versionOf } from "./tools/families";

const prometheusUrl = "http://prometheus-operated.monitoring.svc.cluster.local:9090";
/** OpenShift's metrics path: who sends a token reads through it. */
const tenancyUrl = "https://thanos-querier.openshift-monitoring.svc.cluster.local:9092";
/** What the sandbox's pods take, in place of what was measured on GPUs. */
const startup = { imagePullSeconds: 2, loadSeconds: 6, compileSeconds: 2 };
const downloadSeconds = 5;
const longestGenerationSeconds = 15;
const scrapeIntervalSeconds = 5;
const gpuProduct = "NVIDIA-L4";

/**
 * A stack's configuration as it can run in a sandbox: the same models, objectives and bounds with the sandbox's cluster, platform, GPUs
 * and delays. The versions of KEDA and vLLM stay, since they decide what a policy says; KServe's is the sandbox's, whose webhook would write
 * an older spelling anew. Namespaces that were somebody else's are made, but for those a claim or connection is expected in; and nothing
 * is exposed: the sandbox's router leads to all models, its interceptor to those that a request wakes.
 *
 * @throws ExplainedError that names the models the sandbox cannot run
 */
export function sandboxConfiguration({ platform, models }: Configuration): Configuration {
  const onKnative = models.filter(({ scaling }) => scaling?.knative !== undefined).map(({ name }) => name);
  if (onKnative.length > 0) {
    throw new ExplainedError(
      `Knative, which scales ${onKnative.join(", ")}, is not in the sandbox: render and preview them.`,
    );
  }
  const prometheus = sandboxPrometheus(platform);
  return {
    cluster: { expect: { context: "vllm-serving-sandbox-*", server: "https://127.0.0.1:*" } },
    platform: { ...sandboxPlatform(platform), prometheus },
    models: models.map((model, index) => {
      const firstOfNamespace = !models.slice(0, index).some(({ namespace }) => namespace === model.namespace);
      return sandboxModel(model, prometheus.url, firstOfNamespace);
    }),
  };
}

/** The sandbox has its pieces: nothing is installed or taken over. */
function sandboxPlatform({
  distribution,
  keda,
  kedaHttpAddon,
  kserve,
  gpus,
  kubernetesVersion,
}: PlatformConfiguration) {
  return {
    distribution,
    keda: {
      ...(keda?.version === undefined ? {} : { version: keda.version }),
      namespace: "keda",
      serviceAccount: "keda-operator",
    },
    ...(kedaHttpAddon === undefined ? {} : { kedaHttpAddon: existing(kedaHttpAddon, "keda") }),
    kserve: sandboxKServe(kserve),
    gpus: { products: [gpuProduct], ...(gpus?.budget === undefined ? {} : { budget: gpus.budget }) },
    ...(kubernetesVersion === undefined ? {} : { kubernetesVersion }),
  };
}

type Piece = NonNullable<PlatformConfiguration["kserve"]>;

/** On OpenShift another version would be meant. */
function sandboxKServe(piece: Piece | undefined): Piece {
  const found = existing(piece, "kserve");
  return found.mode === "none" ? found : { ...found, version: versionOf("kserve") };
}

function existing(piece: Piece | undefined, namespace: string): Piece {
  return piece?.mode === "none" ? { mode: "none" } : { mode: "existing", namespace };
}

function sandboxPrometheus(platform: PlatformConfiguration) {
  const authentication = platform.prometheus?.authentication;
  return platformReference(platform).prometheusAuthentication === "none"
    ? { url: prometheusUrl, tenancy: false, authentication: "none" as const }
    : {
        url: tenancyUrl,
        tenancy: true,
        // Its proxy knows tokens, no passwords.
        ...(authentication === undefined
          ? {}
          : { authentication: authentication === "basic" ? ("boundServiceAccountToken" as const) : authentication }),
        certificateAuthority: { configMap: "openshift-service-ca.crt", key: "service-ca.crt" },
      };
}

function sandboxModel(model: ModelConfiguration, url: string, firstOfNamespace: boolean): ModelConfiguration {
  const { extraTriggers, expose: _, scaling, ...rest } = model;
  return {
    ...rest,
    // A claim or a connection that exists is in a namespace that exists.
    createNamespace:
      firstOfNamespace && model.weights.existingClaim === undefined && model.weights.connection === undefined,
    weights: sandboxWeights(model.weights),
    ...(model.gpus === 0 ? {} : { gpuProduct }),
    ...(scaling === undefined ? {} : { scaling: inMinutes(scaling) }),
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

/** A download takes no token, since nothing is fetched, and a time of the sandbox's. */
function sandboxWeights(weights: ModelConfiguration["weights"]): ModelConfiguration["weights"] {
  const { nfs } = weights;
  if (nfs?.download === undefined) return weights;
  const { tokenSecret: _, ...download } = nfs.download;
  return { ...weights, nfs: { ...nfs, download: { ...download, expectedSeconds: downloadSeconds } } };
}

type Scaling = NonNullable<ModelConfiguration["scaling"]>;

/** To zero after the shortest time, which follows from the start. */
function inMinutes({ http, ...scaling }: Scaling): Scaling {
  if (http === undefined) return scaling;
  const { cooldownSeconds: _, ...rest } = http;
  return { ...scaling, http: rest };
}
