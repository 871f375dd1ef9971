import type { NfsSource } from "./persistent-volume";
import type { SloAutoscalerSettings } from "./slo-autoscaler-options";
import type { VllmServerSettings } from "./vllm-server-options";

/** Where the weights are: exactly one of `nfs` and `existingClaim`. */
export interface WeightsSource<S = string> {
  /** An NFS export that holds them; a PersistentVolume and a claim are made. */
  nfs?: NfsSource<S> | undefined;
  /** A claim that exists in the model's namespace. */
  existingClaim?: S | undefined;
  /** Directory of the model inside the volume. @default its root */
  subPath?: string | undefined;
  /** Capacity written on volume and claim; NFS does not enforce it. A Kubernetes quantity. @default `100Gi` */
  size?: string | undefined;
}

/** `S` is `string`, or `Input<string>` inside a Pulumi program. */
export interface ServedModelOptions<S = string> extends VllmServerSettings, SloAutoscalerSettings {
  /** Namespace everything goes into; it must exist unless `createNamespace`. */
  namespace: string;
  /** Make the namespace too, and remove it on destroy. @default false */
  createNamespace?: boolean | undefined;
  /**
   * Name clients ask for, and the `model_name` label of the metrics: no second model of the namespace may have it.
   * @default the component's name
   */
  servedModelName?: string | undefined;
  weights: WeightsSource<S>;
}
