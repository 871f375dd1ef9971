import * as pulumi from "@pulumi/pulumi";
import { ServedModel, ServingPlatform } from "vllm-serving";
import { application } from "./application";

const config = new pulumi.Config();

const platform = new ServingPlatform("platform", {
  distribution: "kubernetes",
  prometheus: { url: config.require("prometheusUrl") },
});

const llama = new ServedModel("llama", {
  platform: platform.reference,
  namespace: "assistant-llm",
  createNamespace: true,
  weights: { nfs: { server: "nfs.example.com", path: "/exports/models" }, subPath: "llama-3.1-8b-instruct" },
  slo: { itl: { atMostMs: 75 } },
  replicas: { min: 1, max: 4 },
  capacity: { profile: "llama-3.1-8b-l4", promptTokens: 1024, outputTokens: 512 },
  startup: config.getObject("startup") ?? { imagePullSeconds: 60, loadSeconds: 60, compileSeconds: 45 },
});

// All that changes in what was there: whom the application asks.
export const assistant = application(pulumi.interpolate`${llama.url}/v1`).deployment.metadata.name;
export const { url, explanation: policy } = llama;
