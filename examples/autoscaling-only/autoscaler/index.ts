import * as pulumi from "@pulumi/pulumi";
import { ServingPlatform, SloAutoscaler } from "vllm-serving";

// Only the scaling: the Deployment belongs to the stack `workloadStack`, the platform to somebody else.

const config = new pulumi.Config();
const workload = new pulumi.StackReference(config.require("workloadStack")).requireOutput("workload");

const platform = new ServingPlatform("platform", {
  distribution: "kubernetes",
  prometheus: { url: config.require("prometheusUrl") },
  kserve: { mode: "none" },
});

const autoscaler = new SloAutoscaler("chat", {
  platform: platform.reference,
  namespace: workload.apply(({ namespace }) => namespace),
  scaleTargetRef: { name: workload.apply(({ deployment }) => deployment) },
  // Which series are the workload's: those that call its model so.
  metrics: { modelName: "chat" },
  slo: { itl: { atMostMs: 75 } },
  replicas: { min: 1, max: config.getNumber("maxReplicas") ?? 4 },
  capacity: { profile: "llama-3.1-8b-l4", promptTokens: 3072, outputTokens: 1200 },
  // What a new replica of this Deployment takes to be Ready, and to finish its longest generation (yours).
  startup: config.getObject("startup") ?? { imagePullSeconds: 60, loadSeconds: 60, compileSeconds: 45 },
  longestGenerationSeconds: config.getNumber("longestGenerationSeconds") ?? 120,
});

export const scaledObject = autoscaler.scaledObjectName;
export const policy = autoscaler.explanation;
