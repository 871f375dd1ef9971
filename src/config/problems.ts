import { closestMatch } from "leven";
import { z } from "zod";
import type { Problem } from "../policy/policy-input";
import { pathBelow } from "../policy/text";
import { isSensitive } from "./fields";
import { configurationNamespace } from "./schema";

type Path = readonly PropertyKey[];

/** One line a problem: path, value, bound and fix. */
export function formatProblems(problems: readonly Problem[]): string {
  return problems.map(({ path, message }) => `  ${path}: ${message}`).join("\n");
}

/** A path as people write it: `vllm-serving:models[0].slo.itl.atMostMs`. */
export function formatPath(path: Path): string {
  const [key, ...rest] = path;
  return `${configurationNamespace}:${key === undefined ? "*" : String(key)}${pathBelow(rest)}`;
}

/**
 * What is wrong with `raw` by its form: keys, types and bounds of single fields.
 *
 * @param written how a path is written where `raw` stands
 */
export function schemaProblems(
  schema: z.ZodType,
  raw: unknown,
  written: (path: Path) => string = formatPath,
): Problem[] {
  const secretPaths = findSecrets(raw);
  const isSecret = (path: Path) => secretPaths.some((secret) => secret.every((part, i) => part === path[i]));
  const issues = schema.safeParse(raw, { reportInput: true }).error?.issues ?? [];
  return [
    ...secretPaths.map((path) => secretProblem(written(path))),
    ...issues.filter((issue) => !isSecret(issue.path)).flatMap((issue) => issueProblems(schema, issue, written)),
  ];
}

/** Paths of values Pulumi encrypts, `{ secure: ... }` in a stack's file. */
function findSecrets(value: unknown, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null) {
    return [];
  }
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  if (entries.length === 1 && entries[0]?.[0] === "secure") {
    return [path];
  }
  return entries.flatMap(([key, inner]) => findSecrets(inner, [...path, key]));
}

function secretProblem(path: string): Problem {
  return {
    path,
    message:
      "Encrypted, but no field takes a secret: put it into a Kubernetes Secret and name that one, or write the value in plain if it is none.",
  };
}

function issueProblems(schema: z.ZodType, issue: z.core.$ZodIssue, written: (path: Path) => string): Problem[] {
  if (issue.code === "unrecognized_keys") {
    const valid = keysAt(schema, issue.path);
    return issue.keys.map((key) => ({ path: written([...issue.path, key]), message: unknownKey(key, valid) }));
  }
  const hidden = fieldsAlong(schema, issue.path).some(isSensitive);
  return [{ path: written(issue.path), message: wrongValue(issue.input, issue.message, hidden) }];
}

function unknownKey(key: string, valid: readonly string[]): string {
  // Of a short key, a few changes make another word.
  const maxDistance = Math.min(3, Math.ceil(key.length / 3));
  const nearest =
    valid.find((name) => initials(name) === key.toLowerCase()) ?? closestMatch(key, valid, { maxDistance });
  return nearest === undefined
    ? `No such key. There are ${valid.join(", ")}.`
    : `No such key. Did you mean ${nearest}?`;
}

/** `hf` of `huggingFace`. */
function initials(name: string): string {
  return name.replace(/(?<!^)[^A-Z]/g, "").toLowerCase();
}

function wrongValue(value: unknown, wanted: string, hidden: boolean): string {
  if (value === undefined) {
    return `Missing: it must be ${wanted}.`;
  }
  if (value === null) {
    return `Nothing is written here: it must be ${wanted}.`;
  }
  if (typeof value === "object") {
    const size = Object.keys(value).length === 0 ? "an empty" : "a";
    return `This is ${size} ${Array.isArray(value) ? "list" : "mapping"}: it must be ${wanted}.`;
  }
  return hidden
    ? `It must be ${wanted}. The value is not shown, as it may be a secret.`
    : `${writtenAs(value)} must be ${wanted}.`;
}

/** JSON has no word for the numbers that YAML writes as `.nan` and `.inf`. */
function writtenAs(value: unknown): string {
  return typeof value === "number" && !Number.isFinite(value) ? `${value}, no finite number,` : JSON.stringify(value);
}

function keysAt(schema: z.ZodType, path: Path): string[] {
  const field = fieldsAlong(schema, path).at(-1);
  return field instanceof z.ZodObject ? Object.keys(field.shape) : [];
}

/** The schemas from the root to the field at `path`, both included, without the wrappers of optional fields. */
function fieldsAlong(schema: z.core.$ZodType, path: Path): z.core.$ZodType[] {
  const field = schema instanceof z.ZodExactOptional ? schema.unwrap() : schema;
  const [part, ...rest] = path;
  const inner = part === undefined ? undefined : fieldBelow(field, part);
  return inner === undefined ? [field] : [field, ...fieldsAlong(inner, rest)];
}

function fieldBelow(field: z.core.$ZodType, part: PropertyKey): z.core.$ZodType | undefined {
  if (field instanceof z.ZodObject) {
    return Object.hasOwn(field.shape, part) ? field.shape[String(part)] : undefined;
  }
  if (field instanceof z.ZodArray) {
    return field.element;
  }
  return field instanceof z.ZodRecord ? field.valueType : undefined;
}
