import type { PlatformGpus } from "../../manifests/platform/gpu-operator";
import type { PieceTarget } from "./piece";

export type { PlatformGpus } from "../../manifests/platform/gpu-operator";

export interface GpuOperatorArgs extends PlatformGpus, PieceTarget {}
