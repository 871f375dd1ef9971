import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SandboxState } from "@vllm-serving/sandbox";
import { stringify } from "yaml";
import { PulumiProject } from "./pulumi-project";

/** A program of a user's own around pieces of the platform. */
export class PlatformProgram extends PulumiProject {
  constructor(
    sandbox: SandboxState,
    folder: string,
    readonly distribution: "kubernetes" | "openshift",
    readonly stack: string,
  ) {
    super(sandbox, join(folder, stack));
    writeFileSync(join(this.folder, "Pulumi.yaml"), stringify({ name: stack, runtime: "nodejs", main: "index.js" }));
  }

  /** @param pieces Constructors' calls, such as `new vllm.Keda("keda", { ...target, mode: "install" }, options)`. */
  write(pieces: string): void {
    writeFileSync(
      join(this.folder, "index.js"),
      `const { readFileSync } = require("node:fs");
       const k8s = require("@pulumi/kubernetes");
       const pulumi = require("@pulumi/pulumi");
       const vllm = require("vllm-serving");
       const kubeconfig = pulumi.secret(readFileSync(process.env.KUBECONFIG, "utf8"));
       const options = { provider: new k8s.Provider("cluster", { kubeconfig }) };
       const target = { distribution: "${this.distribution}", kubeconfig };
       ${pieces}`,
    );
  }

  async init(pieces: string): Promise<this> {
    this.write(pieces);
    await this.must("stack", "init", this.stack);
    return this;
  }

  up(...flags: string[]): Promise<string> {
    return this.must("up", "--yes", "--skip-preview", "--stack", this.stack, ...flags);
  }
}
