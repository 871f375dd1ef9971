import type { PathPart } from "./field";

/** A change of an object that a machine may make. */
export type Edit =
  /** Gives a field that is there another value. */
  | { kind: "set"; path: readonly PathPart[]; value: string | number | boolean }
  /** Adds a field to a map that is there. */
  | { kind: "add"; path: readonly PathPart[]; value: string | number | boolean }
  | { kind: "remove"; path: readonly PathPart[] };

/** A change of a text: what stands from `from` to `to` becomes `text`. */
export interface TextEdit {
  from: number;
  to: number;
  text: string;
}

/**
 * Makes changes of a text, from the last to the first, so that each still fits. Of two that touch the same place the first
 * is made; the other is for the next run.
 */
export function applyTextEdits(text: string, edits: readonly TextEdit[]): { text: string; made: number } {
  const ordered = [...edits].sort((a, b) => a.from - b.from || a.to - b.to);
  const made: TextEdit[] = [];
  for (const edit of ordered) {
    const last = made.at(-1);
    if (last === undefined || edit.from >= last.to) made.push(edit);
  }
  const changed = made.reduceRight(
    (result, { from, to, text: replacement }) => result.slice(0, from) + replacement + result.slice(to),
    text,
  );
  return { text: changed, made: made.length };
}
