import type { ObjectSet } from "./object-set";
import type { LintedObject } from "./source/linted-object";

/** What an autoscaler scales. */
export interface Target {
  kind: string;
  name: string;
}

/** An HTTPScaledObject beside a ScaledObject has a rule of its own. */
export const scalers = ["ScaledObject", "HorizontalPodAutoscaler"];

/** What an object scales, defaults filled in; `undefined` where it scales nothing of a cluster. */
export function targetOf(object: LintedObject): Target | undefined {
  const reference = object.get("spec", "scaleTargetRef");
  const name = reference.get("name").text;
  return name === undefined ? undefined : { kind: reference.get("kind").text ?? "Deployment", name };
}

/** The same for all that scale the same. */
function targetKey(object: LintedObject): string | undefined {
  const target = scalers.includes(object.kind) ? targetOf(object) : undefined;
  return target && keyOf(target);
}

function keyOf({ kind, name }: Target): string {
  return `${kind} ${name}`;
}

/**
 * Autoscalers of a target in the namespace of an object, which is not among them.
 *
 * @throws UnknownValueError where there may be more of them
 */
export function scalersBeside(object: LintedObject, target: Target, objects: ObjectSet): LintedObject[] {
  return objects.besidesWithKey(object, scalers, targetKey, keyOf(target));
}
