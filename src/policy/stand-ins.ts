import type { z } from "zod";
import type { Problem } from "./policy-input";
import { pathWithin } from "./text";

type Path = readonly PropertyKey[];

/** A value that has errors of form, made valid, so that the rest of it is checked in the same run. */
export interface Repaired<Value> {
  value: Value;
  /** Places whose values are not the user's: problems with them are not theirs either. */
  replaced: readonly Replaced[];
}

interface Replaced {
  place: Path;
  /** Nothing stands in for it. */
  isGone: boolean;
}

/**
 * `raw` with what stands in `standIns` at each malformed place, or else without that place. Where it is required, what holds it goes
 * instead; so does what holds a malformed choice or switch, by which the rest of a mapping is read, and a list for its elements, so that
 * the others keep their numbers.
 *
 * @param standIns valid as a whole and at each place
 */
export function repaired<Value>(schema: z.ZodType<Value>, raw: unknown, standIns: unknown): Repaired<Value> {
  const replaced: Replaced[] = [];
  let value = raw;
  for (;;) {
    const result = schema.safeParse(value);
    if (result.success) return { value: result.data, replaced };
    const [issue] = result.error.issues;
    const place = issue === undefined ? [] : placeToReplace(issue, value, standIns, replaced);
    const standIn = valueAt(standIns, place);
    value = replacedAt(value, place, standIn);
    replaced.push({ place, isGone: standIn === undefined });
  }
}

/** Whether nothing in the field is made up. */
export function isUntouched({ replaced }: Repaired<unknown>, field: string): boolean {
  return !replaced.some(({ place: [first] }) => first === undefined || first === field);
}

/** Problems of a repaired value that are the user's: not within a place that was replaced, nor around one that is gone. */
export function ownProblems({ replaced }: Repaired<unknown>, problems: readonly Problem[]): Problem[] {
  const places = replaced.map(({ place, isGone }) => ({ place: pathWithin(place), isGone }));
  return problems.filter(
    ({ path }) => !places.some(({ place, isGone }) => isWithin(path, place) || (isGone && isWithin(place, path))),
  );
}

/**
 * What is wrong with `raw` beside its form, whatever is meant by its malformed places: what `check` finds with either of two stand-ins,
 * in the same words. Words name figures, so what follows from a made-up one differs.
 */
export function problemsBeside<Value>(
  schema: z.ZodType<Value>,
  raw: unknown,
  [one, other]: readonly [one: unknown, other: unknown],
  check: (value: Value) => readonly Problem[],
): Problem[] {
  const first = repaired(schema, raw, one);
  const found = ownProblems(first, check(first.value));
  if (first.replaced.length === 0 || found.length === 0) return found;
  const second = repaired(schema, raw, other);
  const again = ownProblems(second, check(second.value));
  return found.filter(({ path, message }) => again.some((same) => same.path === path && same.message === message));
}

function placeToReplace(
  issue: z.core.$ZodIssue,
  value: unknown,
  standIns: unknown,
  replaced: readonly Replaced[],
): Path {
  if (issue.code === "unrecognized_keys") return [...issue.path, issue.keys[0] ?? ""];
  const { path } = issue;
  const tried = replaced.some(({ place }) => pathWithin(place) === pathWithin(path));
  if (valueAt(standIns, path) !== undefined && !tried) return path;
  const decides = issue.code === "invalid_value" || (issue.code === "invalid_type" && issue.expected === "boolean");
  const mustGoWithHolder = valueAt(value, path) === undefined || (decides && path.length > 1);
  return isElement(path) || mustGoWithHolder ? holderOf(path) : path;
}

function holderOf(path: Path): Path {
  const holder = path.slice(0, -1);
  return isElement(holder) ? holderOf(holder) : holder;
}

/** Whether the place is an element of a list. */
function isElement(path: Path): boolean {
  return typeof path.at(-1) === "number";
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (holder, part) =>
      typeof holder === "object" && holder !== null && Object.hasOwn(holder, part)
        ? Reflect.get(holder, part)
        : undefined,
    value,
  );
}

/** A copy with another value at a place; `undefined` leaves the place out. */
function replacedAt(value: unknown, [part, ...rest]: Path, other: unknown): unknown {
  if (part === undefined) return other;
  if (Array.isArray(value)) return value.map((item, i) => (i === part ? replacedAt(item, rest, other) : item));
  const entries = typeof value === "object" && value !== null ? Object.entries(value) : [];
  const key = String(part);
  const inner = replacedAt(valueAt(value, [part]), rest, other);
  const others = entries.filter(([name]) => name !== key);
  return Object.fromEntries(inner === undefined ? others : [...others, [key, inner]]);
}

function isWithin(path: string, holder: string): boolean {
  return holder === "" || path === holder || path.startsWith(`${holder}.`) || path.startsWith(`${holder}[`);
}
