import { grouped } from "./grouped";
import { UnknownValueError } from "./source/field";
import type { LintedObject } from "./source/linted-object";

/** What an object is found by beside its name, such as what it scales; `undefined` where it has none. */
type KeyOf = (object: LintedObject) => string | undefined;

/** The objects that are linted together, to be found by what others say about them. */
export class ObjectSet {
  private readonly byKind: ReadonlyMap<string, LintedObject[]>;
  private readonly byPlace: ReadonlyMap<string, LintedObject[]>;
  private readonly byName: ReadonlyMap<string, LintedObject[]>;
  private readonly inAnyNamespace: ReadonlyMap<string, LintedObject[]>;
  private readonly byKey = new Map<KeyOf, Map<string, LintedObject[]>>();
  /** Kinds of objects whose name or namespace nobody knows: any place may be theirs. */
  private readonly unplaced: ReadonlySet<string>;

  /** @param unlisted kinds of which there may be objects besides these */
  constructor(
    private readonly all: readonly LintedObject[],
    unlisted: readonly string[] = [],
  ) {
    const placed = all.filter(({ isPlaced }) => isPlaced);
    this.byKind = grouped(all, ({ kind }) => kind);
    this.byPlace = grouped(placed, ({ kind, namespace }) => keyOf(kind, namespace));
    this.byName = grouped(placed, ({ kind, namespace, name }) => keyOf(kind, namespace, name));
    this.inAnyNamespace = grouped(placed, ({ kind, name }) => keyOf(kind, name));
    this.unplaced = new Set([...unlisted, ...all.filter(({ isPlaced }) => !isPlaced).map(({ kind }) => kind)]);
  }

  ofKind(kind: string): readonly LintedObject[] {
    return this.byKind.get(kind) ?? [];
  }

  /**
   * The objects of a kind in the namespace of another one. Objects that name none are in the same.
   *
   * @throws UnknownValueError where there may be more of them
   */
  besides(object: LintedObject, kind: string): LintedObject[] {
    return this.inNamespace(object.namespace, kind).filter((other) => other !== object);
  }

  /**
   * The objects of a kind in a namespace; an empty one is of those that name none.
   *
   * @throws UnknownValueError where there may be more of them
   */
  inNamespace(namespace: string, kind: string): readonly LintedObject[] {
    this.requirePlaces(kind);
    return this.byPlace.get(keyOf(kind, namespace)) ?? [];
  }

  /**
   * An object by kind, namespace and name.
   *
   * @throws UnknownValueError where it may be one whose name nobody knows yet
   */
  find(kind: string, namespace: string, name: string): LintedObject | undefined {
    const found = this.byName.get(keyOf(kind, namespace, name))?.[0];
    if (found === undefined) this.requirePlaces(kind);
    return found;
  }

  /**
   * The objects of a kind that may be in the namespace of another one: those that name none may be in any.
   *
   * @throws UnknownValueError where there may be more of them
   */
  near(object: LintedObject, kind: string): LintedObject[] {
    this.requirePlaces(kind);
    const all =
      object.namespace === ""
        ? this.ofKind(kind)
        : [object.namespace, ""].flatMap((namespace) => this.byPlace.get(keyOf(kind, namespace)) ?? []);
    return all.filter((other) => other !== object);
  }

  /**
   * An object by kind and name that may be in the namespace of another one.
   *
   * @throws UnknownValueError where it may be one whose name nobody knows yet
   */
  findNear({ namespace }: LintedObject, kind: string, name: string): LintedObject | undefined {
    const named = this.inAnyNamespace.get(keyOf(kind, name)) ?? [];
    const same = named.find((found) => found.namespace === namespace);
    const found = same ?? named.find((other) => areNear(other.namespace, namespace));
    if (found === undefined) this.requirePlaces(kind);
    return found;
  }

  /**
   * The objects of some kinds in the namespace of another one that have a key. Each object's key is read once.
   *
   * @throws UnknownValueError where there may be more of them
   */
  besidesWithKey(object: LintedObject, kinds: readonly string[], keyOfObject: KeyOf, key: string): LintedObject[] {
    kinds.forEach((kind) => {
      this.requirePlaces(kind);
    });
    const groups = this.keyed(keyOfObject);
    const same = kinds.flatMap((kind) => groups.get(keyOf(kind, object.namespace, key)) ?? []);
    return same.filter((other) => other !== object);
  }

  private keyed(keyOfObject: KeyOf): ReadonlyMap<string, LintedObject[]> {
    const known = this.byKey.get(keyOfObject);
    if (known !== undefined) return known;
    const placed = this.all.filter(({ isPlaced }) => isPlaced);
    const groups = grouped(placed, (object) => keyOf(object.kind, object.namespace, keyOfObject(object) ?? ""));
    this.byKey.set(keyOfObject, groups);
    return groups;
  }

  private requirePlaces(kind: string): void {
    if (this.unplaced.has(kind)) throw new UnknownValueError(`The place of an object ${kind} is not known yet.`);
  }
}

/** Whether two are one object, written down twice: in the folders of two environments, or before and after. */
export function areCopies(one: LintedObject, other: LintedObject): boolean {
  return one.kind === other.kind && one.namespace === other.namespace && one.name === other.name;
}

/** Whether two namespaces may be the same one: where none is named it may be any. */
export function areNear(one: string, other: string): boolean {
  return one === other || one === "" || other === "";
}

/** A space is in no name of Kubernetes. */
function keyOf(...parts: string[]): string {
  return parts.join(" ");
}
