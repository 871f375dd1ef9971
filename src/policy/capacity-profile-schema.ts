import { z } from "zod";
import { type CapacityProfile, ProvenanceKind, type ReleaseRange } from "./capacity-profile";
import { releaseOf } from "./profile-release";
import { isAtLeast, parseVersion } from "./version";
import { StorageKind } from "./weights-loading";

const milliseconds = z.number().nonnegative();
const tokens = z.int().positive().max(1_000_000_000);
const minorRelease = z.string().regex(/^\d+\.\d+$/, "must be major.minor, e.g. 0.19");

function isInOrder({ first, last }: ReleaseRange): boolean {
  const [least, most] = [releaseOf(first), releaseOf(last)];
  return least !== undefined && most !== undefined && isAtLeast(most, least);
}

/** Checks a capacity profile, which may be a user's own. Strict: an unknown field is an error, since it is most likely a typo. */
export const capacityProfileSchema: z.ZodType<CapacityProfile> = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9.-]*$/, "must be lower case letters, digits, dots and dashes"),
  model: z.string().min(1),
  gpuProduct: z.string().min(1),
  gpusPerReplica: z.int().positive(),
  vllmVersion: z.string().refine((text) => parseVersion(text) !== undefined, "must be major.minor.patch, e.g. 0.19.0"),
  vllmReleases: z
    .strictObject({ first: minorRelease, last: minorRelease })
    .refine((range) => isInOrder(range), { path: ["first"], message: "must not be above last" })
    .optional(),
  decode: z.strictObject({
    baseStepMs: z.number().positive(),
    perSequenceMs: milliseconds,
    perContextTokenMs: milliseconds,
  }),
  prefill: z.strictObject({ perTokenMs: milliseconds, batchedTokens: tokens.optional() }),
  kvCache: z.strictObject({ capacityTokens: tokens, blockTokens: tokens }),
  maxSequences: z.int().positive().optional(),
  loading: z
    .strictObject({
      weightsGigabytes: z.number().positive(),
      megabytesPerSecond: z.partialRecord(z.enum(StorageKind), z.number().positive()),
    })
    .optional(),
  validFor: z
    .strictObject({
      minPromptTokens: tokens,
      maxPromptTokens: tokens,
      minOutputTokens: tokens,
      maxOutputTokens: tokens,
    })
    .refine((range) => range.minPromptTokens <= range.maxPromptTokens, {
      path: ["minPromptTokens"],
      message: "must not be above maxPromptTokens",
    })
    .refine((range) => range.minOutputTokens <= range.maxOutputTokens, {
      path: ["minOutputTokens"],
      message: "must not be above maxOutputTokens",
    }),
  provenance: z.strictObject({
    kind: z.enum(ProvenanceKind),
    source: z.string().min(1),
    relativeError: z.number().min(0).max(1),
  }),
});
