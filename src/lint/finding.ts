import type { Edit } from "./source/edit";
import type { Field } from "./source/field";

export const Severity = {
  /** It cannot do what it says: scaling is broken, blind, or the API server refuses the object. */
  Error: "error",
  /** It works until something ordinary happens: an outage, a quiet hour, an update. */
  Warning: "warning",
  /** Worth knowing; nothing is wrong yet. */
  Info: "info",
} as const;
export type Severity = (typeof Severity)[keyof typeof Severity];

const order: readonly Severity[] = [Severity.Info, Severity.Warning, Severity.Error];

export function isAtLeast(severity: Severity, bound: Severity): boolean {
  return order.indexOf(severity) >= order.indexOf(bound);
}

/** What a rule says about one object. */
export interface Report {
  /** What the finding points at. Where it is missing in the object, the nearest field around it. */
  at: Field;
  /** What happens, with numbers, as one or two sentences. */
  message: string;
  /** What to write instead, for this object. */
  fix: string;
  /** It rests on something that nobody said, such as how long a start takes: an error is a warning then. */
  isAssumed?: boolean;
  /** The same as changes that a machine may make, because they cannot make anything worse. */
  edits?: Edit[];
}

/** One problem at one place. The published JSON; see docs/lint.md. */
export interface Finding {
  /** Id of the rule. */
  rule: string;
  severity: Severity;
  /** Name of the file, `<stdin>`, or the environment or context the object came from. */
  file: string;
  /** Path in the object, e.g. `spec.triggers[0].metadata.query`, with the object before it. */
  path: string;
  /** From 1; absent where the object does not come from a text. */
  line?: number;
  column?: number;
  message: string;
  fix: string;
}
