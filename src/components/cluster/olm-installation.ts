import * as pulumi from "@pulumi/pulumi";
import type { OperatorInstallation } from "../../manifests/platform/operator";
import { ClusterResource, type ClusterResourceArgs } from "./cluster-resource";

interface OlmInstallationArgs extends ClusterResourceArgs {
  operator: OperatorInstallation;
  adopt: boolean;
}

/** OperatorGroup, Subscription, approval and the wait for the ClusterServiceVersion, in a namespace that is there. */
export class OlmInstallation extends ClusterResource {
  constructor(
    name: string,
    { operator, adopt, kubeconfig, timeoutSeconds }: OlmInstallationArgs,
    opts: pulumi.CustomResourceOptions,
  ) {
    const madeBy = [pulumi.getProject(), pulumi.getStack(), name].join("/");
    const settings = { operation: "olmOperator", operator, adopt, madeBy, kubeconfig, timeoutSeconds };
    super("OlmInstallation", name, settings, opts);
  }
}
