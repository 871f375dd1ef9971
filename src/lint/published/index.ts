import { communityPolicies } from "./community";
import { kservePolicies } from "./kserve";
import { llmdPolicies } from "./llm-d";
import type { PublishedPolicy } from "./policy";
import { redHatPolicies } from "./red-hat";

export type { PublishedPolicy };

/** Policies of articles, documentation and public repositories. */
export const publishedPolicies: readonly PublishedPolicy[] = [
  ...redHatPolicies,
  ...kservePolicies,
  ...llmdPolicies,
  ...communityPolicies,
];
