import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";

/** What all of them need. */
export interface ClusterResourceArgs {
  /** Kubeconfig of the cluster. @default the ambient one */
  kubeconfig?: pulumi.Input<string> | undefined;
  /** How long it may take. */
  timeoutSeconds: number;
}

/** The compiled operations; the same from `src` and `dist`. */
const compiled = resolve(__dirname, "../../../dist/cluster/provider.js");

/**
 * Something in the cluster that Pulumi's Kubernetes provider cannot do, served by Pulumi's provider for dynamic resources.
 * That provider evaluates the text of `__provider`, which `pulumi.dynamic` makes by serialising closures. Ours is one line that
 * loads the compiled code, so nothing but settings is in the state, and a newer release serves what an older one made.
 */
export class ClusterResource extends pulumi.CustomResource {
  constructor(
    type: string,
    name: string,
    { kubeconfig, ...settings }: Pick<ClusterResourceArgs, "kubeconfig"> & pulumi.Inputs,
    opts: pulumi.CustomResourceOptions,
  ) {
    const credentials = kubeconfig === undefined ? {} : { kubeconfig: pulumi.secret(kubeconfig) };
    super(
      `pulumi-nodejs:dynamic/vllm-serving:${type}`,
      name,
      { ...settings, ...credentials, __provider: providerText(compiled) },
      pulumi.mergeOptions(opts, { additionalSecretOutputs: ["kubeconfig"] }),
    );
  }
}

/** Loads the code from where this program has it; a later destroy elsewhere, from the installed package. */
function providerText(path: string): string {
  return [
    "exports.handler = () => {",
    `  const path = ${JSON.stringify(path)};`,
    '  const here = require("node:fs").existsSync(path);',
    '  return require(here ? path : "vllm-serving/cluster").clusterProvider;',
    "};",
    "",
  ].join("\n");
}
