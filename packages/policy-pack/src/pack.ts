import { PolicyPack } from "@pulumi/policy";
import { lintPolicies } from "./index";

// What `pulumi preview --policy-pack <this package's folder>` runs.
new PolicyPack("vllm-serving", {
  description: "Finds scaling policies of LLMs on Kubernetes that cannot work.",
  policies: lintPolicies(),
});
