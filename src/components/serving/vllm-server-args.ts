import type { Input } from "@pulumi/pulumi";
import type { VllmServerOptions } from "../../manifests/vllm-server-options";

export type { Startup } from "../../manifests/start-up";
export type { ContainerResources, PodToleration, SecretKey } from "../../manifests/vllm-server-options";
export { ServingBackend } from "../../manifests/vllm-server-options";

/** vLLM by KServe or in a Deployment, its Service and its PodMonitor. Replicas are never set here: they belong to the autoscaler. */
export interface VllmServerArgs extends VllmServerOptions<Input<string>> {}
