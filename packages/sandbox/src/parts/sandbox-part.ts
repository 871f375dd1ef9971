/**
 * `real`: upstream's program, built from its source. `stand-in`: a program of the sandbox's own that does the same work.
 * `simulated`: it only looks like it from outside.
 */
export const partKinds = ["real", "stand-in", "simulated"] as const;
export type PartKind = (typeof partKinds)[number];

/** A part of a sandbox as it is in use. */
export interface SandboxPart {
  name: string;
  kind: PartKind;
  /** What it consists of, where the name does not say it. */
  includes?: string;
  /** Of the program, which is named where it is another one than the part's. Absent for code of the sandbox itself. */
  version?: string;
  /** How it differs from the one in a cluster, and why; code in backticks. */
  difference: string;
}
