import type { PlatformKServe } from "../../manifests/platform/kserve";
import type { PieceTarget } from "./piece";

export type { PlatformKServe } from "../../manifests/platform/kserve";

export type { DashboardProfile, ResourceRange } from "../../manifests/platform/openshift/dashboard-profiles";
export { ProfileKind } from "../../manifests/platform/openshift/dashboard-profiles";
export { KServeProduct } from "../../manifests/platform/openshift/open-data-hub";

export interface KServeArgs extends PlatformKServe, PieceTarget {
  /** With `serverless`: mode of Knative Serving, which OpenShift AI makes unless it is `existing`. @default `install` */
  knativeMode?: string | undefined;
  /** With `serverless`: mode of Service Mesh 2; the mesh is made by OpenShift AI unless it is `existing`. @default `install` */
  serviceMeshMode?: string | undefined;
  /** With `serverless`: longest a request may take in seconds, which the Knative Serving that OpenShift AI makes is told. @default 600 */
  longestRequestSeconds?: number | undefined;
}
