import type { PlatformKServe } from "../../manifests/platform/kserve";
import type { PieceTarget } from "./piece";

export type { PlatformKServe } from "../../manifests/platform/kserve";

export type { DashboardProfile, ResourceRange } from "../../manifests/platform/openshift/dashboard-profiles";
export { ProfileKind } from "../../manifests/platform/openshift/dashboard-profiles";
export { KServeProduct } from "../../manifests/platform/openshift/open-data-hub";

export interface KServeArgs extends PlatformKServe, PieceTarget {}
