import { type BinaryName, familyOf } from "../tools/families";
import { type CataloguedPart, catalogue, type Implementation } from "./catalogue";
import type { SandboxPart } from "./sandbox-part";

export interface PartsInUse {
  provider: Implementation;
  /** Version of Pulumi's official language host, where that one is used. */
  officialLanguageHost?: string;
  /** Programs of the user's own, of which no version is known. */
  replaced: BinaryName[];
}

/** The parts of a sandbox in the order of the catalogue, with the versions that run. */
export function partsInUse({ provider, officialLanguageHost, replaced }: PartsInUse): SandboxPart[] {
  const chosen = { provider, languageHost: officialLanguageHost === undefined ? "stand-in" : "official" };
  return catalogue()
    .filter(({ onlyWith }) => onlyWith === undefined || chosen[onlyWith.choice] === onlyWith.implementation)
    .map((part) => {
      const isInstalledHost = part.onlyWith?.choice === "languageHost" && part.kind === "real";
      return withVersion(part, isInstalledHost ? officialLanguageHost : replacedVersion(part, replaced));
    });
}

/** A part of the catalogue with its version: the one that it names itself, otherwise that of its programs' family. */
export function withVersion(part: CataloguedPart, version = versionOf(part)): SandboxPart {
  const { name, kind, includes, difference } = part;
  return {
    name,
    kind,
    ...(includes !== undefined && { includes }),
    ...(version !== undefined && { version }),
    difference,
  };
}

function versionOf({ kind, programs: [program], version }: CataloguedPart): string | undefined {
  if (version !== undefined || program === undefined) return version;
  const built = familyOf(program).version;
  return kind === "real" ? built : `${program} ${built}`;
}

/** Undefined when none of its programs is the user's own. */
function replacedVersion(part: CataloguedPart, replaced: BinaryName[]): string | undefined {
  const own = part.programs.filter((program) => replaced.includes(program));
  if (own.length === 0) return undefined;
  const yours = `${own.join(", ")}: a program of your own`;
  return own.length === part.programs.length ? yours : `${versionOf(part)}; ${yours}`;
}
