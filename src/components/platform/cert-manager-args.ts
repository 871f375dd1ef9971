import type { PlatformCertManager } from "../../manifests/platform-reference";
import type { PieceTarget } from "./piece";

export type { PlatformCertManager } from "../../manifests/platform-reference";

export interface CertManagerArgs extends PlatformCertManager, PieceTarget {}
