import { at, type JsonObject, numberAt } from "../json";
import { type Readiness, ready, waiting } from "./readiness";

/** What must be as many as there are nodes for it, in this order. */
const counts = [
  ["currentNumberScheduled", "Current"],
  ["updatedNumberScheduled", "Updated"],
  ["numberAvailable", "Available"],
  ["numberReady", "Ready"],
] as const;

/**
 * Ready when the controller has seen the last change and all pods that the nodes want are there, of the newest revision,
 * available and ready. So an image that a node cannot pull keeps it waiting; no node at all does not.
 */
export function daemonSetReadiness(daemonSet: JsonObject): Readiness {
  const generation = numberAt(daemonSet, "metadata", "generation");
  const observed = numberAt(daemonSet, "status", "observedGeneration");
  if (observed !== generation) {
    return waiting(`DaemonSet generation is ${generation}, but latest observed generation is ${observed ?? 0}`);
  }
  if (at(daemonSet, "metadata", "deletionTimestamp") !== undefined) return waiting("Resource scheduled for deletion");
  const wanted = numberAt(daemonSet, "status", "desiredNumberScheduled");
  if (wanted === undefined) return waiting("Missing .status.desiredNumberScheduled");
  for (const [field, name] of counts) {
    const have = numberAt(daemonSet, "status", field) ?? 0;
    if (have < wanted) return waiting(`${name}: ${have}/${wanted}`);
  }
  return ready;
}
