import type { PlatformKnative } from "../../manifests/platform/knative";
import type { PieceTarget } from "./piece";

export type { PlatformKnative } from "../../manifests/platform/knative";

export interface KnativeServingArgs extends PlatformKnative, PieceTarget {}
