import type { PlatformKedaHttpAddon } from "../../manifests/platform/http-add-on";
import type { PieceTarget } from "./piece";

export type { PlatformKedaHttpAddon } from "../../manifests/platform/http-add-on";

export interface KedaHttpAddonArgs extends PlatformKedaHttpAddon, PieceTarget {
  /** Namespace of KEDA, which is there. @default `openshift-keda` on OpenShift, `keda` elsewhere */
  kedaNamespace?: string | undefined;
}
