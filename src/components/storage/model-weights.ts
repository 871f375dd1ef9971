import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { logicalNames, namespaceProblems } from "../../manifests/naming";
import {
  exportPathProblems,
  modelWeightsProblems,
  serverProblems,
  weightsClaim,
  weightsClaimName,
  weightsVolume,
  weightsVolumeName,
} from "../../manifests/persistent-volume";
import type { Problem } from "../../policy/policy-input";
import { checked, invalidArguments, refuse } from "../arguments";
import { childOptions } from "../child-options";
import type { ModelWeightsArgs } from "./model-weights-args";

/**
 * Weights on an NFS export, mounted read-only by many nodes: a static PersistentVolume and its claim. Other weights get another
 * pair, and the old one goes when nothing uses it any more.
 */
export class ModelWeights extends pulumi.ComponentResource {
  /** Claim to mount. */
  readonly claimName: pulumi.Output<string>;

  constructor(name: string, args: ModelWeightsArgs, opts?: pulumi.ComponentResourceOptions) {
    refuse("ModelWeights", name, modelWeightsProblems(name, args));
    super("vllm-serving:index:ModelWeights", name, {}, opts);

    const fail = (problems: Problem[]) => invalidArguments("ModelWeights", name, problems);
    const namespace = checked(args.namespace, (value) => namespaceProblems("namespace", value), fail);
    const server = checked(args.nfs.server, (value) => serverProblems("nfs.server", value), fail);
    const path = checked(args.nfs.path, (value) => exportPathProblems("nfs.path", value), fail);
    const claimName = pulumi
      .all([server, path])
      .apply(([server, path]) => weightsClaimName(name, server, path, args.size));
    const weights = {
      ...args,
      namespace,
      nfs: { ...args.nfs, server, path },
      instance: name,
      claimName,
      volumeName: pulumi.all([namespace, claimName]).apply(([ns, claim]) => weightsVolumeName(ns, claim)),
    };
    const { weights: logicalName } = logicalNames(name);
    const volume = new k8s.core.v1.PersistentVolume(logicalName, weightsVolume(weights), childOptions(this, opts));
    const claim = new k8s.core.v1.PersistentVolumeClaim(
      logicalName,
      weightsClaim(weights),
      childOptions(this, opts, { dependsOn: [volume] }),
    );

    this.claimName = claim.metadata.name;
    this.registerOutputs({ claimName: this.claimName });
  }
}
