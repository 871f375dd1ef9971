import type { KnativeScaling } from "./scaling-options";
import type { ReplicaRange } from "./slo-autoscaler-options";
import type { ContainerResources } from "./vllm-server-options";

/**
 * What KServe puts in front of a model: clients ask it, and it asks the model. KServe adds the arguments `--model_name`,
 * `--predictor_host` and `--http_port 8080`, which the image must take, as every image made with KServe's library does.
 */
export interface Transformer {
  image: string;
  /** Arguments before those that KServe adds. */
  args?: string[] | undefined;
  /** Environment variables, by name. For all to read: no secrets. */
  env?: Record<string, string> | undefined;
  /** CPU and memory of the container. @default requests 1 CPU and 1Gi, limit 2Gi */
  resources?: ContainerResources | undefined;
  /** Fewest and most replicas. @default 1 and 1 */
  replicas?: ReplicaRange | undefined;
  /** CPU use in percent of what is requested, above which replicas are added; without Knative. @default 80 */
  targetCpuPercent?: number | undefined;
  /** How Knative scales it, with `scaling.knative`. @default Knative's: 70 % of 100 requests at once */
  knative?: KnativeScaling | undefined;
}
