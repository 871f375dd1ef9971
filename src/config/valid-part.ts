import type { z } from "zod";

/** What can be used of a mapping that has errors, so that the rest of it is checked in the same run. */
export interface ValidPart<Value> {
  value: Value;
  /** Keys whose values are not the user's: problems with them are not theirs either. */
  replaced: ReadonlySet<string>;
}

/**
 * `raw` without its invalid and unknown keys; required ones are filled in from `substitutes`, which must be valid and harmless.
 */
export function validPart<Shape extends z.core.$ZodLooseShape>(
  schema: z.ZodObject<Shape, z.core.$strict>,
  raw: unknown,
  substitutes: Readonly<Record<string, unknown>>,
): ValidPart<z.infer<z.ZodObject<Shape, z.core.$strict>>> {
  const given = typeof raw === "object" && raw !== null ? Object.entries(raw) : [];
  const invalid = new Set(schema.safeParse(Object.fromEntries(given)).error?.issues.map(({ path }) => String(path[0])));
  const usable = given.filter(([key]) => Object.hasOwn(schema.shape, key) && !invalid.has(key));
  const replaced = new Set(Object.keys(schema.shape).filter((key) => invalid.has(key)));
  const filledIn = Object.entries(substitutes).filter(([key]) => replaced.has(key));
  return { value: schema.parse(Object.fromEntries([...usable, ...filledIn])), replaced };
}
