import type { PlatformKedaHttpAddon } from "../../manifests/platform-reference";
import type { PieceTarget } from "./piece";

export type { PlatformKedaHttpAddon } from "../../manifests/platform-reference";

export interface KedaHttpAddonArgs extends PlatformKedaHttpAddon, PieceTarget {}
