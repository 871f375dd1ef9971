import { describe, expect, it } from "vitest";
import { simulatorCommand } from "../../../../packages/sandbox/src/cluster/simulator";
import { vllmPod } from "./support";

/** Milliseconds between tokens with `running` requests: the formula of llm-d-inference-sim 0.10 (pkg/llm-d-inference-sim/latencies.go). */
function simulatedItlMs(args: string[], running: number): number {
  const flag = (name: string) => args.find((arg) => arg.startsWith(`--${name}=`))?.split("=")[1] ?? "";
  const alone = Number(flag("inter-token-latency").replace("us", "")) / 1000;
  const [factor, maxNumSeqs] = [Number(flag("time-factor-under-load")), Number(flag("max-num-seqs"))];
  return alone * (1 + ((factor - 1) * (running - 1)) / (maxNumSeqs - 1));
}

function pod(args: string[], annotations: Record<string, string> = {}) {
  return vllmPod("p", {
    metadata: { name: "p", namespace: "llm", annotations },
    spec: { containers: [{ name: "c", image: "vllm/vllm-openai:v0.30.0", args }] },
  });
}

describe("simulatorCommand", () => {
  it("gives the flags of the standard pod", () => {
    expect(simulatorCommand(vllmPod(), 20_001)).toEqual({
      args: [
        "--port=20001",
        "--model=/mnt/models",
        "--served-model-name",
        "llama",
        "--max-model-len=8192",
        "--max-num-seqs=8",
        "--latency-calculator=per-token",
        "--prefill-time-per-token=235us",
        "--inter-token-latency=62044us",
        "--time-factor-under-load=1.230632",
        "--force-dummy-tokenizer",
      ],
      env: { OTEL_PROM_EXPORTER_ENABLED: "false", POD_NAME: "llama-1", POD_NAMESPACE: "llm" },
      vllmPort: 8000,
      assumptions: [],
    });
  });

  it("has the profile's time between tokens at every concurrency", () => {
    const args = simulatorCommand(vllmPod(), 1)?.args ?? [];
    const perRequestMs = 0.3 + 0.000475 * (3072 + 1200 / 2);
    for (const running of [1, 2, 3, 4, 5, 6, 7, 8]) {
      expect(simulatedItlMs(args, running)).toBeCloseTo(60 + running * perRequestMs, 2);
    }
    expect(simulatedItlMs(args, 1)).toBeCloseTo(62.04, 2);
    expect(simulatedItlMs(args, 7)).toBeCloseTo(74.31, 2);
  });

  it.each([
    { maxNumSeqs: "4", expected: "--max-num-seqs=4", why: "the pod allows fewer than fit" },
    { maxNumSeqs: "64", expected: "--max-num-seqs=8", why: "the KV cache holds no more" },
  ])("runs as many requests as $expected: $why", ({ maxNumSeqs, expected }) => {
    const standard = vllmPod();
    standard.spec?.containers[0]?.args?.push(`--max-num-seqs=${maxNumSeqs}`);
    expect(simulatorCommand(standard, 1)?.args).toContain(expected);
  });

  it("has no factor under load when one request runs at a time", () => {
    const standard = vllmPod();
    standard.spec?.containers[0]?.args?.push("--max-num-seqs", "1");
    expect(simulatorCommand(standard, 1)?.args).toContain("--time-factor-under-load=1");
  });

  it("says what it assumes about a pod that states nothing", () => {
    const command = simulatorCommand(pod(["--model=org/model"]), 1);
    expect(command?.args.slice(1, 6)).toEqual([
      "--model=org/model",
      "--served-model-name",
      "org/model",
      "--max-model-len=30592",
      "--max-num-seqs=8",
    ]);
    expect(command?.assumptions).toEqual([
      "The annotation vllm-serving.dev/capacity-profile names no capacity profile: simulating llama-3.1-8b-l4.",
      "The annotations vllm-serving.dev/mean-prompt-tokens and vllm-serving.dev/mean-output-tokens do not both hold a number above 0: simulating 3072 and 1200 tokens.",
    ]);
  });

  it("says that a profile is unknown", () => {
    const lengths = { "vllm-serving.dev/mean-prompt-tokens": "100", "vllm-serving.dev/mean-output-tokens": "50" };
    const command = simulatorCommand(pod([], { ...lengths, "vllm-serving.dev/capacity-profile": "mine" }), 1);
    expect(command?.assumptions).toEqual([
      'The annotation vllm-serving.dev/capacity-profile names the unknown capacity profile "mine": simulating llama-3.1-8b-l4.',
    ]);
    expect(command?.args).toContain("--max-num-seqs=244");
  });

  it.each([
    { what: "a web server", spec: { containers: [{ name: "c", image: "nginx" }] }, owner: "ReplicaSet" },
    {
      what: "a download Job with vLLM's image",
      spec: { containers: [{ name: "c", image: "vllm/vllm-openai" }] },
      owner: "Job",
    },
    {
      what: "a DaemonSet that keeps vLLM's image on a node",
      spec: { containers: [{ name: "c", image: "vllm/vllm-openai", command: ["sleep", "infinity"] }] },
      owner: "DaemonSet",
    },
  ])("starts nothing for $what", ({ spec, owner }) => {
    const ownerReferences = [{ kind: owner, name: "o", uid: "u", apiVersion: "v1" }];
    expect(simulatorCommand({ metadata: { name: "p", ownerReferences }, spec }, 1)).toBeUndefined();
  });

  it("knows vLLM by its command too, in any container", () => {
    const containers = [
      { name: "sidecar", image: "envoy" },
      {
        name: "c",
        image: "registry/own:1",
        command: ["python3", "-m", "vllm.entrypoints.openai.api_server"],
        args: ["--model", "m"],
      },
    ];
    expect(simulatorCommand({ metadata: { name: "p" }, spec: { containers } }, 1)?.args).toContain("--model=m");
  });
});
