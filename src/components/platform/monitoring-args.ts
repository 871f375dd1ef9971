import type { Input } from "@pulumi/pulumi";
import type { PrometheusOptions } from "../../manifests/platform-reference";
import type { PieceTarget } from "./piece";

/** Prometheus as the platform has it. */
export interface PlatformPrometheus extends PrometheusOptions<Input<string>> {}

export interface MonitoringArgs extends PlatformPrometheus, PieceTarget {}
