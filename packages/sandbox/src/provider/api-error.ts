import { type JsonObject, objectsAt, stringAt } from "./json";

/** An answer of the API server that is no success: its Status object. */
export class ApiError extends Error {
  constructor(
    readonly code: number,
    /** Machine-readable, such as `NotFound` or `AlreadyExists`. */
    readonly reason: string,
    message: string,
    /** Kind of the object the answer is about, in plural, such as `namespaces`. */
    readonly about: string,
    /** What is wrong in single fields. */
    readonly causes: readonly JsonObject[] = [],
    /** When the API server wants to be asked again. */
    readonly retryAfterSeconds?: number,
  ) {
    super(message);
    this.name = "ApiError";
  }

  static fromStatus(code: number, status: JsonObject, text: string, retryAfter?: string): ApiError {
    const message = stringAt(status, "message") || text.trim() || `the API server answered with status ${code}`;
    const causes = objectsAt(status, "details", "causes");
    const about = stringAt(status, "details", "kind");
    const again = code === 429 && /^\d+$/.test(retryAfter ?? "") ? Number(retryAfter) : undefined;
    return new ApiError(code, stringAt(status, "reason"), message, about, causes, again);
  }
}

/** The API server does not have this kind: its CustomResourceDefinition is missing. */
export class NoSuchKindError extends Error {
  constructor(apiVersion: string, kind: string) {
    super(`no matches for kind "${kind}" in version "${apiVersion}"`);
    this.name = "NoSuchKindError";
  }
}

export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.code === 404;
}

export function isNamespaceMissing(error: unknown): boolean {
  return error instanceof ApiError && error.code === 404 && error.about === "namespaces";
}

export function isAlreadyExists(error: unknown): boolean {
  return error instanceof ApiError && error.reason === "AlreadyExists";
}

export function isForbidden(error: unknown): boolean {
  return error instanceof ApiError && error.code === 403;
}

export function isConflict(error: unknown): boolean {
  return error instanceof ApiError && error.code === 409 && error.reason === "Conflict";
}

/** The first required field that an invalid object lacks. */
export function missingRequiredField(error: unknown): string | undefined {
  if (!(error instanceof ApiError) || error.reason !== "Invalid") return undefined;
  const cause = error.causes.find((each) => stringAt(each, "reason") === "FieldValueRequired");
  return cause === undefined ? undefined : stringAt(cause, "field");
}

export function isDryRunUnsupported(error: unknown): boolean {
  return error instanceof ApiError && error.code === 400 && error.message.includes("does not support dry run");
}

/** The API server's warnings, from its `Warning` headers (RFC 9110: code, agent, quoted text). */
export function parseWarnings(headers: string | string[] | undefined): string[] {
  const list = headers === undefined ? [] : [headers].flat();
  return list.flatMap((header) =>
    [...header.matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)].map((match) => (match[1] ?? "").replaceAll(/\\(.)/g, "$1")),
  );
}

/** Names of the conditions that hold in a status, with their messages: why a deletion waits. */
export function trueConditions(object: JsonObject): string[] {
  return objectsAt(object, "status", "conditions")
    .filter((condition) => condition.status === "True")
    .map((condition) => stringAt(condition, "message"))
    .filter((message) => message !== "");
}
