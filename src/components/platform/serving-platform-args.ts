import type { Input } from "@pulumi/pulumi";
import type { PrometheusOptions, ServingPlatformOptions } from "../../manifests/platform-reference";

export type {
  CertificateAuthority,
  PlatformGpus,
  PlatformKeda,
  PlatformKServe,
  PlatformReference,
} from "../../manifests/platform-reference";
export { Distribution, PieceMode, PrometheusAuthentication } from "../../manifests/platform-reference";

/** Prometheus as the platform has it. */
export interface PlatformPrometheus extends PrometheusOptions<Input<string>> {}

export interface ServingPlatformArgs extends ServingPlatformOptions<Input<string>> {
  prometheus: PlatformPrometheus;
  /**
   * Read the custom resource definitions the pieces bring (KEDA's, KServe's, Prometheus Operator's) and fail if one is missing.
   * Needs a cluster, so a preview without one sets it to false.
   * @default true
   */
  check?: boolean | undefined;
}
