import type { ReleaseRange } from "../capacity-profile";

/**
 * Releases that the shipped figures are said to hold for. Step times of 0.19, 0.21 and 0.23 are within 8 % (docs/capacity-profiles.md); the
 * defaults that the figures count on, 2,048 or 8,192 batched tokens and 256 or 1,024 sequences, are the same in the sources of 0.30 and
 * 0.32 (`get_batch_defaults`). Their `--gpu-memory-utilization` is 0.92, where 0.90 is counted here.
 */
export const comparedReleases: ReleaseRange = { first: "0.19", last: "0.32" };
