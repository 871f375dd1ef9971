import type { LintedObject } from "./source/linted-object";

/** The objects that are linted together, to be found by what others say about them. */
export class ObjectSet {
  private readonly byKind: ReadonlyMap<string, LintedObject[]>;
  private readonly byPlace: ReadonlyMap<string, LintedObject[]>;
  private readonly byName: ReadonlyMap<string, LintedObject[]>;

  constructor(all: readonly LintedObject[]) {
    this.byKind = grouped(all, ({ kind }) => kind);
    this.byPlace = grouped(all, ({ kind, namespace }) => keyOf(kind, namespace));
    this.byName = grouped(all, ({ kind, namespace, name }) => keyOf(kind, namespace, name));
  }

  ofKind(kind: string): readonly LintedObject[] {
    return this.byKind.get(kind) ?? [];
  }

  /** The objects of a kind in the namespace of another one. Objects that name none are in the same. */
  besides(object: LintedObject, kind: string): LintedObject[] {
    return (this.byPlace.get(keyOf(kind, object.namespace)) ?? []).filter((other) => other !== object);
  }

  /** An object by kind, namespace and name. */
  find(kind: string, namespace: string, name: string): LintedObject | undefined {
    return this.byName.get(keyOf(kind, namespace, name))?.[0];
  }
}

/** A space is in no name of Kubernetes. */
function keyOf(...parts: string[]): string {
  return parts.join(" ");
}

function grouped(objects: readonly LintedObject[], key: (object: LintedObject) => string): Map<string, LintedObject[]> {
  const groups = new Map<string, LintedObject[]>();
  for (const object of objects) {
    const same = groups.get(key(object));
    if (same) same.push(object);
    else groups.set(key(object), [object]);
  }
  return groups;
}
