import type { PlatformKServe } from "../../manifests/platform/kserve";
import type { PieceTarget } from "./piece";

export type { PlatformKServe } from "../../manifests/platform/kserve";

export { KServeProduct } from "../../manifests/platform/openshift/open-data-hub";

export interface KServeArgs extends PlatformKServe, PieceTarget {}
