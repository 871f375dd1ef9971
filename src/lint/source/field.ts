import type { LintedObject } from "./linted-object";

export type PathPart = string | number;

/** Stands in an object for a value that nobody knows yet, such as one that a deployment has yet to compute. */
export const unknownValue: unique symbol = Symbol("unknown value");

/** A rule asked for a value that nobody knows yet, so it has nothing to say. */
export class UnknownValueError extends Error {}

/**
 * One place in an object that nobody has checked: any value of any type may be there, or none. Reading throws nothing but
 * `UnknownValueError`.
 */
export class Field {
  constructor(
    readonly object: LintedObject,
    readonly path: readonly PathPart[],
    private readonly raw: unknown,
  ) {}

  get value(): unknown {
    if (this.raw === unknownValue) throw new UnknownValueError(`${this.pathText} is not known yet.`);
    return this.raw;
  }

  get isKnown(): boolean {
    return this.raw !== unknownValue;
  }

  /** What is below, by keys and indices; a field without a value where there is nothing. */
  get(...keys: PathPart[]): Field {
    return keys.reduce<Field>((field, key) => new Field(this.object, [...field.path, key], field.member(key)), this);
  }

  get exists(): boolean {
    return this.value !== undefined && this.value !== null;
  }

  get text(): string | undefined {
    return typeof this.value === "string" ? this.value : undefined;
  }

  get number(): number | undefined {
    return typeof this.value === "number" && Number.isFinite(this.value) ? this.value : undefined;
  }

  /** A string, or what Go's YAML would make one of: `5` and `true` in a place for strings. */
  get scalarText(): string | undefined {
    const { value } = this;
    return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
      ? `${value}`
      : undefined;
  }

  items(): Field[] {
    return Array.isArray(this.value) ? this.value.map((_, i) => this.get(i)) : [];
  }

  entries(): [key: string, field: Field][] {
    return isRecord(this.value) ? Object.keys(this.value).map((key) => [key, this.get(key)]) : [];
  }

  keys(): string[] {
    return isRecord(this.value) ? Object.keys(this.value) : [];
  }

  /** The nearest field around it, itself included, that is there. */
  get nearest(): Field {
    if (this.exists || this.path.length === 0) return this;
    return this.object.field.get(...this.path.slice(0, -1)).nearest;
  }

  /** `spec.triggers[0].metadata.threshold` */
  get pathText(): string {
    return pathText(this.path);
  }

  private member(key: PathPart): unknown {
    const { raw } = this;
    // What is below something unknown is unknown, too.
    if (raw === unknownValue) return raw;
    if (Array.isArray(raw)) return typeof key === "number" ? raw[key] : undefined;
    return isRecord(raw) && Object.hasOwn(raw, key) ? raw[key] : undefined;
  }
}

function pathText(path: readonly PathPart[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    if (!/^[\w-]+$/.test(part)) return `${text}["${part}"]`;
    return text === "" ? part : `${text}.${part}`;
  }, "");
}

export function isRecord(value: unknown): value is Record<PathPart, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
