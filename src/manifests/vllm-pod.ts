import { versions } from "../versions";
import { drain, probePeriodSeconds, startupProbeSeconds } from "./rollout";
import { httpPort, vllmArguments } from "./vllm-arguments";
import {
  type ContainerResources,
  type PodToleration,
  serverDefaults,
  type VllmServerOptions,
  type VllmServerSettings,
} from "./vllm-server-options";
import { readsOverNetwork, weightsMounts, weightsVolumes } from "./weights-mount";

const defaultResources: ContainerResources = {
  requests: { cpu: "4", memory: "16Gi" },
  limits: { memory: "16Gi" },
};
const defaultTolerations: PodToleration[] = [{ key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" }];

const cachePath = "/cache";
const compileCachePath = `${cachePath}/vllm`;

/**
 * The pod of a server in parts, since backends put them in different places. The container is without its name, which KServe
 * prescribes.
 */
export function vllmPod<S>(options: VllmServerOptions<S>) {
  return {
    container: container(options),
    volumes: [
      ...weightsVolumes(options),
      { name: "cache", emptyDir: { sizeLimit: "10Gi" } },
      ...compileCacheVolumes(options),
      // NCCL and the engine's processes talk through it; the container runtime's default of 64 MiB is too small.
      { name: "shm", emptyDir: { medium: "Memory", sizeLimit: "2Gi" } },
    ],
    placement: placement(options),
    settings: {
      // Otherwise a Service called `vllm` sets VLLM_PORT, which vLLM takes for its own.
      enableServiceLinks: false,
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: drain(options).gracePeriodSeconds,
      ...pullSecrets(options),
      ...(options.priorityClassName === undefined ? {} : { priorityClassName: options.priorityClassName }),
      securityContext: {
        seccompProfile: { type: "RuntimeDefault" },
        ...(options.runAsUser === undefined ? {} : { runAsNonRoot: true, runAsUser: options.runAsUser }),
      },
    },
  };
}

/** Secrets of the namespace by which the kubelet pulls: the server's image, and that of a model beside it. */
export function pullSecrets({ imagePullSecrets }: Pick<VllmServerSettings, "imagePullSecrets">) {
  return imagePullSecrets === undefined ? {} : { imagePullSecrets: imagePullSecrets.map((name) => ({ name })) };
}

export function vllmImage({ image, vllmVersion }: VllmServerSettings): string {
  return image ?? `vllm/vllm-openai:v${(vllmVersion ?? versions.vllm).replace(/^v/, "")}`;
}

/** Without GPUs, any node will do. */
export function placement(options: VllmServerSettings) {
  const { tolerations, gpuProduct = serverDefaults.gpuProduct } = options;
  return usesGpus(options)
    ? { nodeSelector: { "nvidia.com/gpu.product": gpuProduct }, tolerations: tolerations ?? defaultTolerations }
    : tolerations === undefined
      ? {}
      : { tolerations };
}

function usesGpus({ gpus = serverDefaults.gpus }: VllmServerSettings): boolean {
  return gpus > 0;
}

function container<S>(options: VllmServerOptions<S>) {
  const vllmVersion = options.vllmVersion ?? versions.vllm;
  const health = { httpGet: { path: "/health", port: httpPort.name } };
  return {
    image: vllmImage(options),
    // Written out, since images differ in their entry point.
    command: ["vllm", "serve"],
    args: vllmArguments({
      vllmVersion,
      servedModelName: options.servedModelName,
      gpus: options.gpus ?? serverDefaults.gpus,
      maxModelLen: options.maxModelLen ?? serverDefaults.maxModelLen,
      maxNumSeqs: options.maxNumSeqs,
      longestGenerationSeconds: options.longestGenerationSeconds ?? serverDefaults.longestGenerationSeconds,
      readsOverNetwork: readsOverNetwork(options),
      extraArgs: options.extraArgs,
    }),
    env: environment(options),
    ports: [{ name: httpPort.name, containerPort: httpPort.number, protocol: "TCP" }],
    resources: resources(options),
    startupProbe: {
      ...health,
      periodSeconds: probePeriodSeconds,
      timeoutSeconds: 5,
      failureThreshold: startupProbeSeconds(options) / probePeriodSeconds,
    },
    readinessProbe: { ...health, periodSeconds: probePeriodSeconds, timeoutSeconds: 5, failureThreshold: 3 },
    // Slow to act: an engine under full load answers late, and a restart costs a whole start-up.
    livenessProbe: { ...health, periodSeconds: 10, timeoutSeconds: 10, failureThreshold: 6 },
    lifecycle: { preStop: { sleep: { seconds: drain(options).preStopSeconds } } },
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
    volumeMounts: [
      ...weightsMounts(options),
      { name: "cache", mountPath: cachePath },
      ...(options.compileCacheClaim === undefined ? [] : [{ name: "compile-cache", mountPath: compileCachePath }]),
      { name: "shm", mountPath: "/dev/shm" },
    ],
  };
}

function compileCacheVolumes({ compileCacheClaim }: VllmServerSettings) {
  return compileCacheClaim === undefined
    ? []
    : [{ name: "compile-cache", persistentVolumeClaim: { claimName: compileCacheClaim } }];
}

function environment(options: VllmServerSettings) {
  const fixed = [
    // The weights are all there is; nothing may try to download.
    { name: "HF_HUB_OFFLINE", value: "1" },
    { name: "TRANSFORMERS_OFFLINE", value: "1" },
    // OpenShift runs the container as a user that /etc/passwd does not know and that owns no home.
    { name: "HOME", value: cachePath },
    { name: "USER", value: "vllm" },
    { name: "HF_HOME", value: `${cachePath}/huggingface` },
    { name: "VLLM_CACHE_ROOT", value: compileCachePath },
  ];
  return [...fixed, ...environmentOfKey(options)];
}

/** The key that vLLM asks clients for. */
export function environmentOfKey({ apiKey }: VllmServerSettings) {
  return apiKey === undefined ? [] : [{ name: "VLLM_API_KEY", valueFrom: { secretKeyRef: apiKey } }];
}

/** What the container requests beside GPUs. Kubernetes requests as much as the limit where only that is given. */
export function requestedResources({ resources = defaultResources }: VllmServerSettings): Record<string, string> {
  return { ...resources.limits, ...resources.requests };
}

export function resources(options: VllmServerSettings) {
  const gpus = usesGpus(options) ? { "nvidia.com/gpu": String(options.gpus ?? serverDefaults.gpus) } : {};
  const given = options.resources ?? defaultResources;
  return { requests: { ...given.requests, ...gpus }, limits: { ...given.limits, ...gpus } };
}
