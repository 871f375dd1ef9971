import * as pulumi from "@pulumi/pulumi";
import { ServedModel } from "vllm-serving";

// Where Prometheus is, which KEDA and KServe there are and which GPUs: all of it comes from the platform's stack.

const config = new pulumi.Config();
const platform = new pulumi.StackReference(config.require("platformStack"));

const chat = new ServedModel("chat", {
  platform: platform.requireOutput("platform"),
  namespace: "team-chat",
  createNamespace: true,
  servedModelName: "meta-llama/Llama-3.1-8B-Instruct",
  weights: { nfs: { server: "nfs.example.com", path: "/exports/models" }, subPath: "llama-3.1-8b-instruct" },
  slo: { itl: { atMostMs: 75 }, ttft: { atMostMs: 2500 } },
  replicas: { min: 1, max: 2 },
  capacity: { profile: "llama-3.1-8b-l4", promptTokens: 1024, outputTokens: 512 },
  startup: config.getObject("startup") ?? { imagePullSeconds: 60, loadSeconds: 60, compileSeconds: 45 },
});

export const { url, servedModelName, explanation: policy } = chat;
