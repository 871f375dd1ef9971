import type { Slo } from "../policy/slo";
import type { Exposure } from "./exposure-options";
import type { Scaling } from "./scaling-options";
import type { AutoscalerBasics, Capacity } from "./slo-autoscaler-options";
import type { VllmServerSettings } from "./vllm-server-options";
import type { WeightsSource } from "./weights-source";

/** `S` is `string`, or `Input<string>` inside a Pulumi program. */
export interface ServedModelOptions<S = string> extends VllmServerSettings, AutoscalerBasics {
  /** At least one objective; all given ones must hold. Required unless `scaling` names its targets itself. */
  slo?: Slo | undefined;
  /** What one replica carries within `slo`. Required with it. */
  capacity?: Capacity | undefined;
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
  /**
   * How replicas follow the load, at most one block; docs/strategies.md compares them. It decides which objects are made, so it is plain.
   * @default a ScaledObject compiled from `slo` and `capacity`
   */
  scaling?: Scaling | undefined;
  /** How clients outside of the cluster reach it. @default not at all */
  expose?: Exposure | undefined;
}
