import { type Report, Severity } from "../finding";
import { vllmContainers } from "../model-server";
import { startupOf } from "../related";
import type { LintContext, Rule } from "../rule";
import type { Field } from "../source/field";
import type { LintedObject } from "../source/linted-object";

interface PodParts {
  probes?: string;
  args?: string;
}

const startupLines = `startupProbe:
  httpGet:
    path: /health
    port: 8000
  periodSeconds: 10
  failureThreshold: 60
livenessProbe:
  httpGet:
    path: /health
    port: 8000`;

/** A Deployment of vLLM that no rule objects to, with parts replaced. */
function deployment({ probes = startupLines, args = "--max-model-len=8192" }: PodParts = {}): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: llama
  namespace: models
spec:
  strategy:
    type: RollingUpdate
    rollingUpdate:
      maxSurge: 0
      maxUnavailable: 1
  selector:
    matchLabels:
      app: llama
  template:
    metadata:
      labels:
        app: llama
    spec:
      terminationGracePeriodSeconds: 330
      containers:
        - name: vllm
          image: vllm/vllm-openai:v0.30.0
          args:
            - --model=/mnt/models
            - --served-model-name=llama${args === "" ? "" : `\n            - ${args}`}
          resources:
            limits:
              nvidia.com/gpu: "1"
${probes.replace(/^/gm, "          ")}
`;
}

const kinds = ["Deployment", "StatefulSet"];

const livenessKills: Rule = {
  id: "liveness-without-startup-probe",
  title: "The liveness probe ends vLLM while it loads",
  severity: Severity.Error,
  kinds: [...kinds, "ServingRuntime", "ClusterServingRuntime"],
  happens:
    "The container is killed after half a minute of loading, starts again, and is killed again: `KeyboardInterrupt: terminated`.",
  why: "vLLM answers /health only when weights are loaded and graphs are captured, which takes minutes. A liveness probe counts from the start, unless a startup probe holds it back.",
  sources: [
    "kubernetes/website content/en/docs/concepts/configuration/liveness-readiness-startup-probes.md",
    "vllm-project/vllm docs/deployment/k8s.md",
  ],
  fix: "Add a startupProbe with `failureThreshold * periodSeconds` above the slowest start.",
  bad: deployment({ probes: startupLines.slice(startupLines.indexOf("livenessProbe")) }),
  good: deployment(),
  *check(object: LintedObject, context: LintContext): Generator<Report> {
    const startup = startupOf(object, context);
    for (const container of vllmContainers(object)) {
      const liveness = container.get("livenessProbe");
      if (!liveness.exists || container.get("startupProbe").exists) continue;
      const patience = patienceOf(liveness);
      if (patience >= startup.seconds) continue;
      yield {
        at: liveness,
        isAssumed: startup.isAssumed,
        message: `The container is killed ${patience} s after its start unless it answers, and a start takes ${startup.text}.`,
        fix: `Add a startupProbe that allows at least ${startup.seconds * 2} s.`,
      };
    }
  },
};

/** Seconds until a probe that never succeeds has failed for good, Kubernetes' defaults filled in. */
function patienceOf(probe: Field): number {
  const of = (key: string, otherwise: number) => probe.get(key).number ?? otherwise;
  return of("initialDelaySeconds", 0) + of("periodSeconds", 10) * of("failureThreshold", 3);
}

const startupTooShort: Rule = {
  id: "startup-probe-too-short",
  title: "The startup probe gives up before the model has loaded",
  severity: Severity.Error,
  kinds: [...kinds, "ServingRuntime", "ClusterServingRuntime"],
  happens:
    "The container is killed while it loads, starts again, and never serves. It works from a warm cache and fails on a new node.",
  why: "A startup probe that has failed for good ends the container.",
  sources: ["kubernetes/website content/en/docs/concepts/configuration/liveness-readiness-startup-probes.md"],
  fix: "Allow twice the usual start.",
  bad: deployment({ probes: startupLines.replace("failureThreshold: 60", "failureThreshold: 6") }),
  good: deployment(),
  *check(object: LintedObject, context: LintContext): Generator<Report> {
    const startup = startupOf(object, context);
    for (const container of vllmContainers(object)) {
      const probe = container.get("startupProbe");
      if (!probe.exists || patienceOf(probe) >= startup.seconds) continue;
      yield {
        at: probe,
        isAssumed: startup.isAssumed,
        message: `The startup probe gives up after ${patienceOf(probe)} s, and a start takes ${startup.text}.`,
        fix: `Raise failureThreshold to ${Math.ceil((2 * startup.seconds) / (probe.get("periodSeconds").number ?? 10))}.`,
      };
    }
  },
};

const noModelLength: Rule = {
  id: "max-model-len-missing",
  title: "The model's longest context may not fit into the GPU",
  severity: Severity.Info,
  kinds,
  happens:
    "vLLM refuses to start when one request of the longest context does not fit into the KV cache; where it does, a few long requests fill it and others wait.",
  why: "Without `--max-model-len` vLLM takes the model's own: 131072 tokens for Llama-3.1-8B, 16 GiB of KV cache, and an L4 has about 4 GiB for it.",
  sources: ["vllm-project/vllm docs/configuration/conserving_memory.md"],
  fix: "Write `--max-model-len` with the longest prompt and answer you serve.",
  bad: deployment({ args: "" }),
  good: deployment(),
  *check(object: LintedObject): Generator<Report> {
    for (const container of vllmContainers(object)) {
      const given = [...container.get("args").items(), ...container.get("command").items()].map(
        ({ scalarText }) => scalarText ?? "",
      );
      const opaque = given.length === 0 || given.some((text) => /\s|\$/.test(text));
      if (opaque || given.some((text) => /^--max[-_]model[-_]len/.test(text))) continue;
      yield {
        at: container.get("args"),
        message: "There is no --max-model-len: vLLM takes the model's own longest context.",
        fix: "Write --max-model-len=<tokens of prompt and answer>.",
      };
    }
  },
};

export const workloadRules: readonly Rule[] = [livenessKills, startupTooShort, noModelLength];
