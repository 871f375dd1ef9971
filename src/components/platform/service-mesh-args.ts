import type { PlatformOperator } from "../../manifests/platform/piece";
import type { PieceTarget } from "./piece";

export type { PlatformOperator } from "../../manifests/platform/piece";

export interface ServiceMeshArgs extends PlatformOperator, PieceTarget {}
