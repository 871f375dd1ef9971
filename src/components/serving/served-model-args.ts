import type { Input } from "@pulumi/pulumi";
import type { PlatformReference } from "../../manifests/platform-reference";
import type { ServedModelOptions, WeightsSource } from "../../manifests/served-model-options";
import type { NfsExport } from "../storage/model-weights-args";

/** Where the weights are: exactly one of `nfs` and `existingClaim`. */
export interface Weights extends WeightsSource<Input<string>> {
  /** An NFS export that holds them; a PersistentVolume and a claim are made. */
  nfs?: NfsExport | undefined;
}

/** One model: its weights, its vLLM replicas, its autoscaler. */
export interface ServedModelArgs extends ServedModelOptions<Input<string>> {
  weights: Weights;
  /** `ServingPlatform.reference`, or the same of another stack. */
  platform: Input<PlatformReference>;
}
