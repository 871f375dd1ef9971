import { versions } from "../versions";
import { annotations } from "./annotations";
import { Role, selectorLabels, standardLabels } from "./labels";
import { fitName } from "./naming";
import { startupParts, startupSeconds } from "./start-up";
import { drainsOnSigterm, httpPort, vllmArguments, weightsPath } from "./vllm-arguments";
import {
  type ContainerResources,
  type PodToleration,
  serverDefaults,
  type VllmServerOptions,
  type VllmServerSettings,
} from "./vllm-server-options";

const defaultResources: ContainerResources = {
  requests: { cpu: "4", memory: "16Gi" },
  limits: { memory: "16Gi" },
};
const defaultTolerations: PodToleration[] = [{ key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" }];

/** Before SIGTERM, so that every proxy has stopped sending requests to a pod that is going. */
const endpointDrainSeconds = 15;
/** Between the end of the drain and the kill. */
const graceMarginSeconds = 10;
const probePeriodSeconds = 5;
/** Even a server that loads nothing has to start. */
const leastStartupProbeSeconds = 60;
/** The default of Kubernetes, under which we do not go. */
const leastProgressDeadlineSeconds = 600;
const cachePath = "/cache";

/**
 * A Deployment of vLLM. It says nothing about replicas: they belong to the autoscaler, and a value here would be put back on
 * every update.
 */
export function deployment<S>(name: string, options: VllmServerOptions<S>) {
  return {
    apiVersion: "apps/v1" as const,
    kind: "Deployment" as const,
    metadata: {
      name: fitName(name),
      namespace: options.namespace,
      labels: standardLabels(name, Role.Server),
      annotations: declaredAnnotations(options),
    },
    spec: {
      selector: { matchLabels: selectorLabels(name) },
      // With all GPUs in use there is none for a surge pod: a rollout that wants one never ends.
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
      progressDeadlineSeconds: progressDeadlineSeconds(options),
      template: {
        metadata: { labels: standardLabels(name, Role.Server) },
        spec: podSpec(options),
      },
    },
  };
}

/** A replica is replaced by draining the old one and then starting the new one; each step of that counts as progress. */
export function progressDeadlineSeconds(options: VllmServerSettings): number {
  return Math.max(leastProgressDeadlineSeconds, startupProbeSeconds(options) + drain(options).gracePeriodSeconds);
}

function startupProbeSeconds(options: VllmServerSettings): number {
  // Three times: a slow start is late, a killed one is later, and loads queue up on the same file server.
  const longest = Math.max(leastStartupProbeSeconds, 3 * startupSeconds(options.startup));
  return Math.ceil(longest / probePeriodSeconds) * probePeriodSeconds;
}

/** How a replica goes: endpoints first, then the running requests, then the process. */
function drain(options: VllmServerSettings) {
  const longest = options.longestGenerationSeconds ?? serverDefaults.longestGenerationSeconds;
  return {
    preStopSeconds: drainsOnSigterm(options.vllmVersion ?? versions.vllm)
      ? endpointDrainSeconds
      : endpointDrainSeconds + longest,
    gracePeriodSeconds: endpointDrainSeconds + longest + graceMarginSeconds,
  };
}

function declaredAnnotations<S>(options: VllmServerOptions<S>): Record<string, string> {
  const startup = startupParts(options.startup);
  const result: Record<string, string> = {
    [annotations.imagePullSeconds]: String(startup.imagePullSeconds),
    [annotations.loadSeconds]: String(startup.loadSeconds),
    [annotations.compileSeconds]: String(startup.compileSeconds),
  };
  if (options.capacityProfileId !== undefined) {
    result[annotations.capacityProfile] = options.capacityProfileId;
  }
  if (options.meanPromptTokens !== undefined) {
    result[annotations.meanPromptTokens] = String(options.meanPromptTokens);
  }
  if (options.meanOutputTokens !== undefined) {
    result[annotations.meanOutputTokens] = String(options.meanOutputTokens);
  }
  return result;
}

function podSpec<S>(options: VllmServerOptions<S>) {
  return {
    // Otherwise a Service called `vllm` sets VLLM_PORT, which vLLM takes for its own.
    enableServiceLinks: false,
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: drain(options).gracePeriodSeconds,
    nodeSelector: { "nvidia.com/gpu.product": options.gpuProduct ?? serverDefaults.gpuProduct },
    tolerations: options.tolerations ?? defaultTolerations,
    securityContext: {
      seccompProfile: { type: "RuntimeDefault" },
      ...(options.runAsUser === undefined ? {} : { runAsNonRoot: true, runAsUser: options.runAsUser }),
    },
    containers: [container(options)],
    volumes: [
      { name: "weights", persistentVolumeClaim: { claimName: options.weightsClaim, readOnly: true } },
      { name: "cache", emptyDir: { sizeLimit: "10Gi" } },
      // NCCL and the engine's processes talk through it; the container runtime's default of 64 MiB is too small.
      { name: "shm", emptyDir: { medium: "Memory", sizeLimit: "2Gi" } },
    ],
  };
}

function container<S>(options: VllmServerOptions<S>) {
  const vllmVersion = options.vllmVersion ?? versions.vllm;
  const health = { httpGet: { path: "/health", port: httpPort.name } };
  return {
    name: "vllm",
    image: options.image ?? `vllm/vllm-openai:v${vllmVersion.replace(/^v/, "")}`,
    // Written out, since images differ in their entry point.
    command: ["vllm", "serve"],
    args: vllmArguments({
      vllmVersion,
      servedModelName: options.servedModelName,
      gpus: options.gpus ?? serverDefaults.gpus,
      maxModelLen: options.maxModelLen ?? serverDefaults.maxModelLen,
      maxNumSeqs: options.maxNumSeqs,
      longestGenerationSeconds: options.longestGenerationSeconds ?? serverDefaults.longestGenerationSeconds,
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
      {
        name: "weights",
        mountPath: weightsPath,
        readOnly: true,
        ...(options.weightsSubPath === undefined ? {} : { subPath: options.weightsSubPath }),
      },
      { name: "cache", mountPath: cachePath },
      { name: "shm", mountPath: "/dev/shm" },
    ],
  };
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
    { name: "VLLM_CACHE_ROOT", value: `${cachePath}/vllm` },
  ];
  if (options.apiKey === undefined) {
    return fixed;
  }
  return [...fixed, { name: "VLLM_API_KEY", valueFrom: { secretKeyRef: options.apiKey } }];
}

function resources(options: VllmServerSettings) {
  const gpus = { "nvidia.com/gpu": String(options.gpus ?? serverDefaults.gpus) };
  const given = options.resources ?? defaultResources;
  return { requests: { ...given.requests, ...gpus }, limits: { ...given.limits, ...gpus } };
}
