import type { SloAutoscalerSettings } from "./slo-autoscaler-options";
import type { VllmServerSettings } from "./vllm-server-options";
import type { WeightsSource } from "./weights-source";

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
