import type { PlatformKServe } from "../../manifests/platform-reference";
import type { PieceTarget } from "./piece";

export type { PlatformKServe } from "../../manifests/platform-reference";

export interface KServeArgs extends PlatformKServe, PieceTarget {}
