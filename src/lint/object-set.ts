import type { LintedObject } from "./source/linted-object";

/** The objects that are linted together, to be found by what others say about them. */
export class ObjectSet {
  private readonly byKind = new Map<string, LintedObject[]>();

  constructor(readonly all: readonly LintedObject[]) {
    for (const object of all) {
      const same = this.byKind.get(object.kind);
      if (same) same.push(object);
      else this.byKind.set(object.kind, [object]);
    }
  }

  ofKind(kind: string): readonly LintedObject[] {
    return this.byKind.get(kind) ?? [];
  }

  /** The objects of a kind in the namespace of another one. Objects that name none are in the same. */
  besides(object: LintedObject, kind: string): LintedObject[] {
    return this.ofKind(kind).filter((other) => other !== object && other.namespace === object.namespace);
  }

  /** An object by kind, namespace and name. */
  find(kind: string, namespace: string, name: string): LintedObject | undefined {
    return this.ofKind(kind).find((object) => object.namespace === namespace && object.name === name);
  }
}
