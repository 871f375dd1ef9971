import type { CapacityProfile } from "../capacity-profile";
import { gpus } from "./gpus";
import { llama318bL4 } from "./llama-3.1-8b-l4";
import { models } from "./models";
import { rooflineProfile } from "./roofline";

/** What is estimated beside the fitted profile; ids are `<model>-<gpu>`, with `-tp<GPUs>` where a replica has several. */
const estimated: readonly (readonly [model: keyof typeof models, gpu: keyof typeof gpus, tensorParallel?: number])[] = [
  ["llama-3.2-3b", "l4"],
  ["llama-3.2-3b", "a10g"],
  ["granite-3.3-8b", "l4"],
  ["granite-3.3-8b", "l40s"],
  ["llama-3.1-8b", "a10g"],
  ["llama-3.1-8b", "l40s"],
  ["llama-3.1-8b", "a100-80gb"],
  ["llama-3.1-8b", "h100"],
  ["llama-3.1-70b", "a100-80gb", 4],
  ["llama-3.1-70b", "a100-80gb", 8],
  ["llama-3.1-70b", "h100", 4],
  ["llama-3.1-70b", "h100", 8],
];

const estimates = estimated.flatMap(([model, gpu, tensorParallel]) => {
  const id = `${model}-${gpu}${tensorParallel === undefined ? "" : `-tp${tensorParallel}`}`;
  const result = rooflineProfile({ id, model: models[model], gpu: gpus[gpu], tensorParallel });
  return result.ok ? [result.profile] : [];
});

const shipped: ReadonlyMap<string, CapacityProfile> = new Map(
  [llama318bL4, ...estimates].map((profile) => [profile.id, profile]),
);

/** Ids of the profiles this package ships. */
export const capacityProfileIds: readonly string[] = [...shipped.keys()];

/** The shipped profile of this id; `undefined` for an id that is not in `capacityProfileIds`. */
export function capacityProfile(id: string): CapacityProfile | undefined {
  return shipped.get(id);
}

/** For messages: what may be written where a profile is expected. */
export const profileIdsHint = `such as ${llama318bL4.id}; docs/capacity-profiles.md lists all`;
