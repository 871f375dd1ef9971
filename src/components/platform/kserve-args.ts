import type { PlatformKServe } from "../../manifests/platform/kserve";
import type { PieceTarget } from "./piece";

export type { PlatformKServe } from "../../manifests/platform/kserve";

export interface KServeArgs extends PlatformKServe, PieceTarget {}
