import * as pulumi from "@pulumi/pulumi";
import { ServedModel } from "vllm-serving";

const config = new pulumi.Config();
const platform = new pulumi.StackReference(config.require("platformStack"));

const code = new ServedModel("code", {
  platform: platform.requireOutput("platform"),
  namespace: "team-code",
  createNamespace: true,
  weights: { nfs: { server: "nfs.example.com", path: "/exports/models" }, subPath: "granite-3.3-8b-instruct" },
  // An editor asks for a completion and shows it as a whole.
  slo: { e2e: { atMostMs: 5000 } },
  replicas: { min: 1, max: 2 },
  // As measured (yours): no profile is shipped for this model.
  capacity: { concurrencyPerReplica: 8 },
  longestGenerationSeconds: 30,
  startup: config.getObject("startup") ?? { imagePullSeconds: 60, loadSeconds: 60, compileSeconds: 45 },
});

export const { url, servedModelName, explanation: policy } = code;
