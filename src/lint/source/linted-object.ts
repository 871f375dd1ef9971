import type { Edit, TextEdit } from "./edit";
import { Field, type PathPart } from "./field";

/** A place in a text, both from 1. */
export interface Position {
  line: number;
  column: number;
}

/** Where an object comes from: a file, an environment, a cluster. */
export interface ObjectOrigin {
  /** What findings name. */
  name: string;
  /** Where a field stands in the text; `undefined` where there is no text. */
  positionOf?(path: readonly PathPart[]): Position | undefined;
  /** An edit as a change of the text; `undefined` where the text's style does not allow it. */
  textEditOf?(edit: Edit): TextEdit | undefined;
}

/** One Kubernetes object, not checked in any way but that it is a map. */
export class LintedObject {
  readonly field: Field;

  /** @param value from the API's root: `apiVersion`, `kind`, `metadata` and so on */
  constructor(
    readonly origin: ObjectOrigin,
    value: unknown,
    /** Where the object stands in its document: empty but for items of a `List`. */
    readonly root: readonly PathPart[] = [],
  ) {
    this.field = new Field(this, [], value);
  }

  get kind(): string {
    return this.field.get("kind").text ?? "";
  }

  /** The API group, without version: empty for core objects. */
  get group(): string {
    const version = this.field.get("apiVersion").text ?? "";
    return version.includes("/") ? version.slice(0, version.indexOf("/")) : "";
  }

  get name(): string {
    return this.field.get("metadata", "name").scalarText ?? "";
  }

  /** Empty where the object names none. */
  get namespace(): string {
    return this.field.get("metadata", "namespace").scalarText ?? "";
  }

  /** Whether it is known which object of its kind it is. */
  get isPlaced(): boolean {
    return this.get("metadata", "name").isKnown && this.get("metadata", "namespace").isKnown;
  }

  get(...keys: PathPart[]): Field {
    return this.field.get(...keys);
  }

  /** An annotation; without a value where there is none. */
  annotation(key: string): Field {
    return this.field.get("metadata", "annotations", key);
  }

  /** Where a path of this object stands in the text. */
  positionOf(path: readonly PathPart[]): Position | undefined {
    return this.origin.positionOf?.([...this.root, ...path]);
  }

  textEditOf(edit: Edit): TextEdit | undefined {
    return this.origin.textEditOf?.({ ...edit, path: [...this.root, ...edit.path] });
  }

  /** `ScaledObject models/llama`, with `?` for what is not known yet. */
  get title(): string {
    const [namespace, name] = ["namespace", "name"].map((key) => {
      const field = this.get("metadata", key);
      return field.isKnown ? (field.scalarText ?? "") : "?";
    });
    return `${this.kind} ${namespace === "" ? "" : `${namespace}/`}${name}`;
  }
}
