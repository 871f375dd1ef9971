import { at, type JsonObject, stringAt } from "../json";
import { type Readiness, ready, waiting } from "./readiness";

export function persistentVolumeReadiness(volume: JsonObject): Readiness {
  const phase = stringAt(volume, "status", "phase");
  if (phase === "Available" || phase === "Bound") return ready;
  return waiting(`Waiting for the volume to be available (${phase || "no phase"})`);
}

/**
 * Ready when bound. With a StorageClass that waits for the first consumer a new claim is ready while it is pending,
 * because nothing consumes it yet.
 */
export function persistentVolumeClaimReadiness(claim: JsonObject, bindingMode: string, isUpdate: boolean): Readiness {
  const phase = at(claim, "status", "phase");
  if (isUpdate && phase === "Bound") return ready;
  const wanted = bindingMode === "WaitForFirstConsumer" ? "Pending" : "Bound";
  return phase === wanted
    ? ready
    : waiting(`Waiting for the claim to be ${wanted} (${stringAt(claim, "status", "phase") || "no phase"})`);
}
