import { z } from "zod";

/**
 * Kinds of fields. They check the form only: each bound is written once, where the value is used. An error is what the field
 * must be, for a report to build its sentence from.
 */

export function text(what: string) {
  return z.string(`${what}, a string`).min(1, `${what}, not empty`);
}

export function flag() {
  return z.boolean("true or false");
}

export function number(unit?: string) {
  return z.number(unit === undefined ? "a number" : `a number of ${unit}`);
}

/** YAML reads an unquoted 1.30 as the number 1.3, hence the quotes. */
export function release() {
  return z.string('a release in quotes, such as "1.2.3"');
}

export function choice<const Values extends Record<string, string>>(values: Values) {
  return z.enum(values, new Intl.ListFormat("en", { type: "disjunction" }).format(Object.values(values)));
}

export function list<Item extends z.ZodType>(item: Item, what = "a list") {
  return z.array(item, what);
}

export function textMap() {
  return z.record(z.string(), z.string("a string in quotes"), "a mapping of strings");
}

/** A mapping that takes these keys and no others. */
export function mapping<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  const required = Object.entries(shape).flatMap(([key, field]) => (isOptional(field) ? [] : [`\`${key}\``]));
  const keys = required.length > 0 ? `with ${required.join(", ")}` : `of ${Object.keys(shape).join(", ")}`;
  return z.strictObject(shape, `a mapping ${keys}`);
}

/** A field that may hold a secret by mistake: reports never show its value. */
export function sensitive<Field extends z.ZodType>(field: Field): Field {
  return field.meta({ sensitive: true });
}

export function isSensitive(field: z.core.$ZodType): boolean {
  return z.globalRegistry.get(field)?.sensitive === true;
}

function isOptional(field: unknown): boolean {
  return field instanceof z.ZodExactOptional;
}
