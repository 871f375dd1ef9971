import type { PlatformKnative } from "../../manifests/platform-reference";
import type { PieceTarget } from "./piece";

export type { PlatformKnative } from "../../manifests/platform-reference";

export interface KnativeServingArgs extends PlatformKnative, PieceTarget {}
