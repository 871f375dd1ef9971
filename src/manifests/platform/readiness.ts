/** An object somebody else makes, and what must be true of it. */
export interface ReadyObject {
  apiVersion: string;
  kind: string;
  namespace?: string | undefined;
  name: string;
  /** Type of a condition in `status.conditions` that must be `True`. Without this and `field` the object must only be there. */
  condition?: string | undefined;
  /** Path of a field, with dots between its keys and indices, that must be there. */
  field?: string | undefined;
  /** What the field must be. @default anything */
  is?: string | undefined;
}

/** Any object as the API server gives it. */
export type LiveObject = Readonly<Record<string, unknown>>;

/** Why an object is not ready yet, or `undefined` if it is. */
export function unreadiness(wanted: ReadyObject, live: LiveObject | undefined): string | undefined {
  const name = `${wanted.kind} ${wanted.namespace === undefined ? "" : `${wanted.namespace}/`}${wanted.name}`;
  if (live === undefined) {
    return `${name} is not there`;
  }
  if (wanted.condition !== undefined) {
    return conditionProblem(name, wanted.condition, live);
  }
  if (wanted.field !== undefined) {
    return fieldProblem(name, wanted.field, wanted.is, fieldOf(live, wanted.field));
  }
  return undefined;
}

function fieldProblem(name: string, field: string, wanted: string | undefined, value: unknown): string | undefined {
  if (wanted === undefined) {
    return value === undefined ? `${name} has no ${field}` : undefined;
  }
  return value === wanted ? undefined : `${name} has ${field} ${shown(value)}, not ${shown(wanted)}`;
}

function conditionProblem(name: string, type: string, live: LiveObject): string | undefined {
  const conditions = fieldOf(live, "status.conditions");
  const found = Array.isArray(conditions)
    ? conditions.find((condition: unknown) => isMapping(condition) && condition.type === type)
    : undefined;
  if (!isMapping(found)) {
    return `${name} has no condition ${type}`;
  }
  if (found.status === "True") {
    return undefined;
  }
  const reason = [found.reason, found.message].filter((part) => typeof part === "string" && part !== "").join(": ");
  return `${name} has condition ${type} ${String(found.status)}${reason === "" ? "" : ` (${reason})`}`;
}

/** Value at a path of keys and indices with dots between. */
export function fieldOf(live: LiveObject, path: string): unknown {
  return path.split(".").reduce<unknown>((value, key) => {
    if (Array.isArray(value)) return value[Number(key)];
    return isMapping(value) ? value[key] : undefined;
  }, live);
}

export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}
