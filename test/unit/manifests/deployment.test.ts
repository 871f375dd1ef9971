import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { deployment } from "../../../src/manifests/deployment";
import type { VllmServerOptions } from "../../../src/manifests/vllm-server-options";

const standard: VllmServerOptions = {
  namespace: "models",
  servedModelName: "llama-3.1-8b",
  weightsClaim: "llama-weights",
};

function podOf(options: Partial<VllmServerOptions> = {}) {
  return deployment("llama", { ...standard, ...options }).spec.template.spec;
}

function containerOf(options: Partial<VllmServerOptions> = {}) {
  const [container] = podOf(options).containers;
  if (container === undefined) {
    throw new Error("no container");
  }
  return container;
}

test("a standard model", () => {
  const labels = {
    "app.kubernetes.io/name": "vllm",
    "app.kubernetes.io/instance": "llama",
    "app.kubernetes.io/component": "inference-server",
    "app.kubernetes.io/part-of": "vllm-serving",
  };
  const health = { httpGet: { path: "/health", port: "http" } };
  expect(deployment("llama", standard)).toStrictEqual({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: {
      name: "llama",
      namespace: "models",
      labels,
      annotations: {
        "vllm-serving.dev/startup-image-pull-seconds": "60",
        "vllm-serving.dev/startup-load-seconds": "60",
        "vllm-serving.dev/startup-compile-seconds": "45",
      },
    },
    spec: {
      selector: {
        matchLabels: {
          "app.kubernetes.io/name": "vllm",
          "app.kubernetes.io/instance": "llama",
          "app.kubernetes.io/component": "inference-server",
        },
      },
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
      progressDeadlineSeconds: 640,
      template: {
        metadata: { labels },
        spec: {
          enableServiceLinks: false,
          automountServiceAccountToken: false,
          terminationGracePeriodSeconds: 145,
          nodeSelector: { "nvidia.com/gpu.product": "NVIDIA-L4" },
          tolerations: [{ key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" }],
          securityContext: { seccompProfile: { type: "RuntimeDefault" } },
          containers: [
            {
              name: "vllm",
              image: "vllm/vllm-openai:v0.30.0",
              command: ["vllm", "serve"],
              args: [
                "/mnt/models",
                "--served-model-name=llama-3.1-8b",
                "--port=8000",
                "--max-model-len=8192",
                "--safetensors-load-strategy=eager",
                "--shutdown-timeout=120",
              ],
              env: [
                { name: "HF_HUB_OFFLINE", value: "1" },
                { name: "TRANSFORMERS_OFFLINE", value: "1" },
                { name: "HOME", value: "/cache" },
                { name: "USER", value: "vllm" },
                { name: "HF_HOME", value: "/cache/huggingface" },
                { name: "VLLM_CACHE_ROOT", value: "/cache/vllm" },
              ],
              ports: [{ name: "http", containerPort: 8000, protocol: "TCP" }],
              resources: {
                requests: { cpu: "4", memory: "16Gi", "nvidia.com/gpu": "1" },
                limits: { memory: "16Gi", "nvidia.com/gpu": "1" },
              },
              startupProbe: { ...health, periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 99 },
              readinessProbe: { ...health, periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 3 },
              livenessProbe: { ...health, periodSeconds: 10, timeoutSeconds: 10, failureThreshold: 6 },
              lifecycle: { preStop: { sleep: { seconds: 15 } } },
              securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
              volumeMounts: [
                { name: "weights", mountPath: "/mnt/models", readOnly: true },
                { name: "cache", mountPath: "/cache" },
                { name: "shm", mountPath: "/dev/shm" },
              ],
            },
          ],
          volumes: [
            { name: "weights", persistentVolumeClaim: { claimName: "llama-weights", readOnly: true } },
            { name: "cache", emptyDir: { sizeLimit: "10Gi" } },
            { name: "shm", emptyDir: { medium: "Memory", sizeLimit: "2Gi" } },
          ],
        },
      },
    },
  });
});

describe("what an argument changes", () => {
  test("gpus: limit, request and tensor parallel size", () => {
    const { resources, args } = containerOf({ gpus: 4 });
    expect(resources.limits["nvidia.com/gpu"]).toBe("4");
    expect(resources.requests["nvidia.com/gpu"]).toBe("4");
    expect(args).toContain("--tensor-parallel-size=4");
    expect(containerOf({ gpus: 1 }).args.filter((arg) => arg.startsWith("--tensor-parallel-size"))).toEqual([]);
  });

  test("maxModelLen, maxNumSeqs, extraArgs: the user's last", () => {
    expect(containerOf({ maxModelLen: 16384, maxNumSeqs: 64, extraArgs: ["--enforce-eager"] }).args).toEqual([
      "/mnt/models",
      "--served-model-name=llama-3.1-8b",
      "--port=8000",
      "--max-model-len=16384",
      "--max-num-seqs=64",
      "--safetensors-load-strategy=eager",
      "--shutdown-timeout=120",
      "--enforce-eager",
    ]);
  });

  test("image and vllmVersion", () => {
    expect(containerOf({ vllmVersion: "v0.20.0" }).image).toBe("vllm/vllm-openai:v0.20.0");
    expect(containerOf({ vllmVersion: "0.20.0", image: "registry.example.com/vllm:1" }).image).toBe(
      "registry.example.com/vllm:1",
    );
  });

  test("apiKey: by reference only", () => {
    expect(containerOf({ apiKey: { name: "llama-key", key: "token" } }).env.at(-1)).toEqual({
      name: "VLLM_API_KEY",
      valueFrom: { secretKeyRef: { name: "llama-key", key: "token" } },
    });
  });

  test("weightsSubPath", () => {
    expect(containerOf({ weightsSubPath: "llama/8b" }).volumeMounts[0]).toEqual({
      name: "weights",
      mountPath: "/mnt/models",
      readOnly: true,
      subPath: "llama/8b",
    });
  });

  test("resources: GPUs are added to those given", () => {
    expect(containerOf({ resources: { requests: { cpu: "1" } } }).resources).toEqual({
      requests: { cpu: "1", "nvidia.com/gpu": "1" },
      limits: { "nvidia.com/gpu": "1" },
    });
  });

  test("gpuProduct, tolerations, runAsUser", () => {
    const pod = podOf({ gpuProduct: "NVIDIA-H100-80GB-HBM3", tolerations: [{ operator: "Exists" }], runAsUser: 2000 });
    expect(pod.nodeSelector).toEqual({ "nvidia.com/gpu.product": "NVIDIA-H100-80GB-HBM3" });
    expect(pod.tolerations).toEqual([{ operator: "Exists" }]);
    expect(pod.securityContext).toEqual({
      seccompProfile: { type: "RuntimeDefault" },
      runAsNonRoot: true,
      runAsUser: 2000,
    });
  });

  test("capacity profile and token lengths are written on the Deployment and restart no pod", () => {
    const { metadata, spec } = deployment("llama", {
      ...standard,
      capacityProfileId: "llama-3.1-8b-l4",
      meanPromptTokens: 1000,
      meanOutputTokens: 500,
      startup: { imagePullSeconds: 0, loadSeconds: 2.5, compileSeconds: 1 },
    });
    expect(spec.template.metadata).not.toHaveProperty("annotations");
    expect(metadata.annotations).toEqual({
      "vllm-serving.dev/startup-image-pull-seconds": "0",
      "vllm-serving.dev/startup-load-seconds": "2.5",
      "vllm-serving.dev/startup-compile-seconds": "1",
      "vllm-serving.dev/capacity-profile": "llama-3.1-8b-l4",
      "vllm-serving.dev/mean-prompt-tokens": "1000",
      "vllm-serving.dev/mean-output-tokens": "500",
    });
  });
});

describe("vLLM releases differ", () => {
  test.each([
    { vllmVersion: "0.10.2", eager: false, shutdown: false },
    { vllmVersion: "0.11.0", eager: true, shutdown: false },
    { vllmVersion: "0.17.1", eager: true, shutdown: false },
    { vllmVersion: "0.18.0", eager: true, shutdown: true },
    { vllmVersion: "1.0.0", eager: true, shutdown: true },
  ])("$vllmVersion", ({ vllmVersion, eager, shutdown }) => {
    const { args } = containerOf({ vllmVersion });
    expect(args.includes("--safetensors-load-strategy=eager")).toBe(eager);
    expect(args.includes("--shutdown-timeout=120")).toBe(shutdown);
  });

  test("one that aborts on SIGTERM gets the signal only after the longest generation", () => {
    expect(containerOf({ vllmVersion: "0.17.1", longestGenerationSeconds: 60 }).lifecycle.preStop.sleep.seconds).toBe(
      75,
    );
    expect(containerOf({ vllmVersion: "0.18.0", longestGenerationSeconds: 60 }).lifecycle.preStop.sleep.seconds).toBe(
      15,
    );
    expect(podOf({ vllmVersion: "0.17.1", longestGenerationSeconds: 60 }).terminationGracePeriodSeconds).toBe(85);
  });
});

test("no replicas, whatever is asked for: they are the autoscaler's", () => {
  expect(Object.keys(deployment("llama", standard).spec)).toEqual([
    "selector",
    "strategy",
    "progressDeadlineSeconds",
    "template",
  ]);
});

test("windows hold for any declared times", () => {
  const seconds = fc.oneof(fc.constant(0), fc.double({ min: 0, max: 3600, noNaN: true }));
  fc.assert(
    fc.property(
      seconds,
      seconds,
      seconds,
      fc.integer({ min: 1, max: 7200 }),
      fc.constantFrom("0.10.0", "0.17.0", "0.30.0"),
      (imagePullSeconds, loadSeconds, compileSeconds, longestGenerationSeconds, vllmVersion) => {
        const options = {
          startup: { imagePullSeconds, loadSeconds, compileSeconds },
          longestGenerationSeconds,
          vllmVersion,
        };
        const { spec } = deployment("llama", { ...standard, ...options });
        const { startupProbe, lifecycle } = containerOf(options);
        const startup = imagePullSeconds + loadSeconds + compileSeconds;
        expect(startupProbe.failureThreshold).toBeGreaterThanOrEqual(12);
        expect(Number.isInteger(startupProbe.failureThreshold)).toBe(true);
        expect(startupProbe.failureThreshold * startupProbe.periodSeconds).toBeGreaterThanOrEqual(3 * startup);
        const grace = spec.template.spec.terminationGracePeriodSeconds;
        expect(grace).toBeGreaterThan(15 + longestGenerationSeconds);
        expect(grace).toBeGreaterThan(lifecycle.preStop.sleep.seconds);
        expect(spec.progressDeadlineSeconds).toBeGreaterThanOrEqual(600);
        expect(spec.progressDeadlineSeconds).toBeGreaterThanOrEqual(3 * startup + grace);
      },
    ),
    { numRuns: 300 },
  );
});
