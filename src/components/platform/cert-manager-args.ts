import type { PlatformCertManager } from "../../manifests/platform/cert-manager";
import type { PieceTarget } from "./piece";

export type { PlatformCertManager } from "../../manifests/platform/cert-manager";

export interface CertManagerArgs extends PlatformCertManager, PieceTarget {}
