import type { PlatformOperator } from "../../manifests/platform/piece";
import type { PieceTarget } from "./piece";

export interface AuthorinoArgs extends PlatformOperator, PieceTarget {}
