import type { PlatformGpus } from "../../manifests/platform-reference";
import type { PieceTarget } from "./piece";

export type { PlatformGpus } from "../../manifests/platform-reference";

export interface GpuOperatorArgs extends PlatformGpus, PieceTarget {}
