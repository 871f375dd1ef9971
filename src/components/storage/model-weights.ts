import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { namedDownload, nfsWarnings } from "../../manifests/model-weights";
import { logicalNames, namespaceProblems } from "../../manifests/naming";
import {
  exportPathProblems,
  modelWeightsProblems,
  type NamedWeights,
  servedDirectory,
  serverProblems,
  VolumePurpose,
  weightsClaim,
  weightsClaimName,
  weightsVolume,
  weightsVolumeName,
} from "../../manifests/persistent-volume";
import {
  downloadDeadlineSeconds,
  downloadJob,
  downloadJobName,
  downloadJobSpec,
  type WeightsDownload,
} from "../../manifests/weights-download";
import type { Problem } from "../../policy/policy-input";
import { checked, invalidArguments, refuse } from "../arguments";
import { childOptions } from "../child-options";
import type { ModelWeightsArgs } from "./model-weights-args";

/**
 * Weights on an NFS export, mounted read-only by many nodes: a static PersistentVolume and its claim. With a download, another
 * pair to write through, and a Job that has completed before anything that depends on this component begins. Other weights get
 * another pair, and the old one goes when nothing uses it any more.
 */
export class ModelWeights extends pulumi.ComponentResource {
  /** Claim to mount. */
  readonly claimName: pulumi.Output<string>;
  /** Directory of the model inside the claim; empty for its root. */
  readonly subPath: pulumi.Output<string>;

  constructor(name: string, args: ModelWeightsArgs, opts?: pulumi.ComponentResourceOptions) {
    refuse("ModelWeights", name, modelWeightsProblems(name, args));
    super("vllm-serving:index:ModelWeights", name, {}, opts);
    for (const warning of nfsWarnings("nfs", args.nfs)) {
      void pulumi.log.warn(warning, this);
    }

    const location = checkedLocation(name, args);
    const child: Child = (own) => childOptions(this, opts, own);
    const serving = makePair(name, args, location, VolumePurpose.Serving, child);
    const { download } = args.nfs;
    if (download !== undefined) {
      const written = makePair(name, args, location, VolumePurpose.Download, child);
      makeDownload(name, { ...args, namespace: location.namespace }, download, written, child);
    }

    this.claimName = serving.metadata.name;
    this.subPath = pulumi.output(servedDirectory(args.nfs, args.subPath) ?? "");
    this.registerOutputs({ claimName: this.claimName, subPath: this.subPath });
  }
}

/** Options of a child with some of its own. */
type Child = (own?: pulumi.CustomResourceOptions) => pulumi.CustomResourceOptions;

/** Where the weights are, checked as soon as it is known. */
interface Location {
  namespace: pulumi.Input<string>;
  server: pulumi.Input<string>;
  path: pulumi.Input<string>;
}

function checkedLocation(name: string, { namespace, nfs }: ModelWeightsArgs): Location {
  const fail = (problems: Problem[]) => invalidArguments("ModelWeights", name, problems);
  return {
    namespace: checked(namespace, (value) => namespaceProblems("namespace", value), fail),
    server: checked(nfs.server, (value) => serverProblems("nfs.server", value), fail),
    path: checked(nfs.path, (value) => exportPathProblems("nfs.path", value), fail),
  };
}

/** A volume and the claim bound to it. */
function makePair(name: string, args: ModelWeightsArgs, location: Location, purpose: VolumePurpose, child: Child) {
  const { namespace, server, path } = location;
  const { driver } = args.nfs;
  const claimName = pulumi
    .all([server, path])
    .apply(([server, path]) => weightsClaimName(name, purpose, { server, path, size: args.size, driver }));
  const weights: NamedWeights<pulumi.Input<string>> = {
    instance: name,
    namespace,
    nfs: { ...args.nfs, server, path },
    size: args.size,
    claimName,
    volumeName: pulumi.all([namespace, claimName]).apply(([ns, claim]) => weightsVolumeName(ns, claim)),
  };
  const names = logicalNames(name);
  const logicalName = purpose === VolumePurpose.Serving ? names.weights : names.download;
  const volume = new k8s.core.v1.PersistentVolume(logicalName, weightsVolume(weights, purpose), child());
  return new k8s.core.v1.PersistentVolumeClaim(
    logicalName,
    weightsClaim(weights, purpose),
    child({ dependsOn: [volume] }),
  );
}

function makeDownload(
  name: string,
  args: ModelWeightsArgs,
  download: WeightsDownload,
  claim: k8s.core.v1.PersistentVolumeClaim,
  child: Child,
): void {
  const options = namedDownload<pulumi.Input<string>>(name, args, download, claim.metadata.name);
  const jobName = pulumi.output(downloadJobSpec(options)).apply((spec) => downloadJobName(name, spec));
  const deadline = downloadDeadlineSeconds(options.expectedSeconds);
  new k8s.batch.v1.Job(
    logicalNames(name).download,
    downloadJob(jobName, options),
    // After the deadline of Kubernetes, whose message says more.
    child({ dependsOn: [claim], customTimeouts: { create: `${deadline + 120}s`, update: `${deadline + 120}s` } }),
  );
}
