import type { Input } from "@pulumi/pulumi";
import type { ServingPlatformOptions } from "../../manifests/platform-reference";
import type { PlatformPrometheus } from "./monitoring-args";
import type { PieceTarget } from "./piece";

export type { ModelMonitor } from "../../manifests/model-monitors";
export type { ChartSource, OperatorSource, PlatformPiece } from "../../manifests/platform/piece";
export { Distribution, PieceMode } from "../../manifests/platform/piece";
export type { CertificateAuthority, CredentialsSecret, PlatformReference } from "../../manifests/platform-reference";
export { PrometheusAuthentication } from "../../manifests/platform-reference";
export type { PieceTarget } from "./piece";

export interface ServingPlatformArgs extends ServingPlatformOptions<Input<string>>, PieceTarget {
  prometheus?: PlatformPrometheus | undefined;
}
