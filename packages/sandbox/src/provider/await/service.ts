import { at, isObject, type JsonObject, objectsAt, stringAt } from "../json";
import { type Readiness, ready, waiting } from "./readiness";

/** Endpoints must stay unchanged for this long, so that stragglers are not missed. */
export const settleSeconds = 10;

export interface ServiceSnapshot {
  service: JsonObject;
  /** The Endpoints object of the same name; undefined until the controller made it. */
  endpoints: JsonObject | undefined;
  /** How long the Endpoints have been as they are. */
  unchangedSeconds: number;
}

/**
 * Ready when no endpoint is pending and the endpoints have settled, and a load balancer has its address. Endpoints need
 * not be there: a Service whose selector matches nothing becomes ready too. Headless and external ones, and those without
 * a selector, are ready at once.
 */
export function serviceReadiness({ service, endpoints, unchangedSeconds }: ServiceSnapshot): Readiness {
  const isLoadBalancer = at(service, "spec", "type") === "LoadBalancer";
  const hasAddress = !isLoadBalancer || objectsAt(service, "status", "loadBalancer", "ingress").length > 0;
  const subsets = objectsAt(endpoints, "subsets");
  const hasReady = subsets.some((subset) => objectsAt(subset, "addresses").length > 0);
  const hasPending = subsets.some((subset) => objectsAt(subset, "notReadyAddresses").length > 0);
  const settled = endpoints !== undefined && unchangedSeconds >= settleSeconds;

  if (!needsEndpoints(service)) {
    return hasAddress ? ready : waiting("Attempting to allocate IP address to Service", addressProblem(hasAddress));
  }
  if (hasAddress && settled && !hasPending) return ready;
  return {
    state: "waiting",
    status:
      hasReady && settled
        ? "[2/3] Attempting to allocate IP address to Service"
        : "[1/3] Finding Pods to direct traffic to",
    reasons: [...endpointProblem(hasReady), ...addressProblem(hasAddress)],
    acceptable: hasAddress && !hasPending,
  };
}

function needsEndpoints(service: JsonObject): boolean {
  const selector = at(service, "spec", "selector");
  return (
    stringAt(service, "spec", "type") !== "ExternalName" &&
    stringAt(service, "spec", "clusterIP") !== "None" &&
    isObject(selector) &&
    Object.keys(selector).length > 0
  );
}

function endpointProblem(hasReady: boolean): string[] {
  if (hasReady) return [];
  return [
    "Service does not target any Pods. Selected Pods may not be ready, or field '.spec.selector' may not match labels on any Pods",
  ];
}

function addressProblem(hasAddress: boolean): string[] {
  return hasAddress ? [] : ["Service was not allocated an IP address; does your cloud provider support this?"];
}
