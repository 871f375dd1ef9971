import { query } from "jsonpath-rfc9535";
import { messageOf } from "../../message-of";
import { isObject, type Json, type JsonObject } from "../json";

/** What a `jsonpath=` expression finds in an object. */
export interface JsonPathMatch {
  matched: boolean;
  /** The first value that was found, as text. */
  found?: string;
}

/** A `jsonpath=` expression of the annotation `pulumi.com/waitFor`. */
export interface JsonPathExpression {
  /** As written, with its braces. */
  path: string;
  /** Undefined when any value will do. */
  value: string | undefined;
  /** @throws Error when a value is asked for and a list or an object is there. */
  match(object: JsonObject): JsonPathMatch;
}

const prefix = "jsonpath=";

/**
 * Reads `jsonpath={.path}=value` or `jsonpath={.path}`. The path is RFC 9535's without its `$`, as in the official
 * provider; neither kubectl's quotes nor its relaxed forms are taken.
 * @throws Error for another form.
 */
export function parseJsonPath(text: string): JsonPathExpression {
  const raw = text.slice(prefix.length);
  // A single `=` separates path and value; `==` belongs to a filter.
  const [path = "", value, ...more] = raw.split(/(?<!=)=(?!=)/);
  if (more.length > 0) throw new Error(`format should be {.path}=value or {.path}, got ${JSON.stringify(raw)}`);
  if (value === "") throw new Error(`${path}= requires a value`);
  if (path.startsWith("'") && path.endsWith("'")) throw new Error(`${path} should omit shell quotes`);
  const inner = /\{\s*(.*?)\s*\}/.exec(path)?.[1];
  if (inner === undefined) throw new Error(`${path} should be wrapped in brackets { ... }`);

  const rooted = inner.startsWith("$") ? inner : `$${inner}`;
  refuseInvalid(path, rooted);
  return { path, value, match: (object) => matchFirst(query(object, rooted), path, value) };
}

function refuseInvalid(path: string, rooted: string): void {
  try {
    query({}, rooted);
  } catch (error) {
    const reason = messageOf(error);
    throw new Error(`parsing ${JSON.stringify(path)}: jsonpath: ${reason}`);
  }
}

function matchFirst(values: Json[], path: string, wanted: string | undefined): JsonPathMatch {
  const [first] = values;
  if (first === undefined) return { matched: false };
  if (Array.isArray(first) || isObject(first)) {
    if (wanted === undefined) return { matched: true };
    throw new Error(`${JSON.stringify(path)} has a non-primitive value (${goText(first)})`);
  }
  const found = goText(first);
  return { matched: wanted === undefined || found === wanted, found };
}

/** A value as Go prints it, in which the annotation's values are written. */
function goText(value: Json): string {
  if (value === null) return "<nil>";
  if (Array.isArray(value)) return `[${value.map(goText).join(" ")}]`;
  if (!isObject(value)) return String(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `map[${entries.map(([key, each]) => `${key}:${goText(each)}`).join(" ")}]`;
}
