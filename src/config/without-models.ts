import { isManaged } from "../manifests/platform/piece";
import { modesOf } from "../manifests/platform-reference";
import type { Configuration } from "./schema";

/** What is said of a stack that makes nothing, which a platform for other stacks may be: `models` may also have been forgotten. */
export function makesNothingWarning({ platform, models }: Configuration): string | undefined {
  const managed = Object.values(modesOf(platform)).some(isManaged);
  return models.length > 0 || managed
    ? undefined
    : "This stack makes nothing: it has no models, and its platform installs nothing. It only tells other stacks of the platform; to serve, add models.";
}
