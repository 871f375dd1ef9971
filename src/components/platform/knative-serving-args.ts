import type { PlatformKnative } from "../../manifests/platform/knative";
import type { PieceTarget } from "./piece";

export type { PlatformKnative } from "../../manifests/platform/knative";

export interface KnativeServingArgs extends PlatformKnative, PieceTarget {
  /** On OpenShift: install the operator only, because OpenShift AI 2 makes Knative Serving (`serverless` of `KServe`). @default false */
  operatorOnly?: boolean | undefined;
}
