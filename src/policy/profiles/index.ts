import type { CapacityProfile } from "../capacity-profile";
import { llama318bL4 } from "./llama-3.1-8b-l4";

const shipped: ReadonlyMap<string, CapacityProfile> = new Map([llama318bL4].map((profile) => [profile.id, profile]));

/** Ids of the profiles this package ships. */
export const capacityProfileIds: readonly string[] = [...shipped.keys()];

/** The shipped profile of this id; `undefined` for an id that is not in `capacityProfileIds`. */
export function capacityProfile(id: string): CapacityProfile | undefined {
  return shipped.get(id);
}

/** For messages: what may be written where a profile is expected. */
export const profileIdsHint = `shipped: ${capacityProfileIds.join(", ")}`;
