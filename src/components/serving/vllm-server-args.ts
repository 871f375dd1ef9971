import type { Input } from "@pulumi/pulumi";
import type { PredictorScaling, PredictorTrigger, VllmServerOptions } from "../../manifests/vllm-server-options";

export type { Startup } from "../../manifests/start-up";
export type { Transformer } from "../../manifests/transformer-options";
export type {
  ContainerResources,
  DashboardSettings,
  ExistingRuntime,
  HardwareProfile,
  PodToleration,
  SecretKey,
} from "../../manifests/vllm-server-options";
export { PredictorClass, ServingBackend } from "../../manifests/vllm-server-options";

/** vLLM by KServe or in a Deployment, its Service and its PodMonitor. Replicas are never set here: they belong to the autoscaler. */
export interface VllmServerArgs extends VllmServerOptions<Input<string>> {
  predictor?: Predictor | undefined;
}

/** How KServe scales the pods. */
export interface Predictor extends PredictorScaling<Input<string>> {
  triggers?: PrometheusTrigger[] | undefined;
}

/** A Prometheus query by which KEDA scales what KServe made. */
export interface PrometheusTrigger extends PredictorTrigger<Input<string>> {}
