import type { PlatformKeda } from "../../manifests/platform/keda";
import type { PieceTarget } from "./piece";

export type { PlatformKeda } from "../../manifests/platform/keda";

export interface KedaArgs extends PlatformKeda, PieceTarget {}
