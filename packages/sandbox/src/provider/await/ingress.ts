import { at, type JsonObject, objectsAt, stringAt } from "../json";
import { type Readiness, ready, waiting } from "./readiness";
import { settleSeconds } from "./service";

/** Without any Endpoints in the namespace none is expected any more after this time. */
const noEndpointsSeconds = 60;

export interface IngressSnapshot {
  ingress: JsonObject;
  /** Of its namespace. */
  services: JsonObject[];
  endpoints: JsonObject[];
  /** How long the Endpoints have been as they are. */
  unchangedSeconds: number;
}

/**
 * Ready when a controller has given it an address, and every Service it leads to has Endpoints, with pods or without; once the
 * namespace's Endpoints have settled, a Service that is missing no longer counts.
 */
export function ingressReadiness(snapshot: IngressSnapshot): Readiness {
  const hasAddress = objectsAt(snapshot.ingress, "status", "loadBalancer", "ingress").length > 0;
  const settled = snapshot.unchangedSeconds >= (snapshot.endpoints.length === 0 ? noEndpointsSeconds : settleSeconds);
  const hasTargets = settled || targetsOf(snapshot).every((name) => isKnown(snapshot.endpoints, name));
  if (hasAddress && hasTargets) return ready;
  return waiting(
    hasTargets
      ? "[2/3] Waiting for update of .status.loadBalancer with hostname/IP"
      : "[1/3] Finding a matching service for each Ingress path",
    [
      ...(hasTargets ? [] : ["Ingress has at least one rule with an unavailable target endpoint."]),
      ...(hasAddress
        ? []
        : [
            "Ingress .status.loadBalancer field was not updated with a hostname/IP address. " +
              "\n    for more information about this error, see https://pulumi.io/xdv72s",
          ]),
    ],
  );
}

/** Names of the Services its rules lead to; those outside the cluster have no Endpoints. */
function targetsOf({ ingress, services }: IngressSnapshot): string[] {
  const paths = objectsAt(ingress, "spec", "rules").flatMap((rule) => objectsAt(rule, "http", "paths"));
  const external = services.filter((service) => at(service, "spec", "type") === "ExternalName").map(nameOf);
  return paths
    .map((path) => stringAt(path, "backend", "service", "name"))
    .filter((name) => name !== "" && !external.includes(name));
}

function isKnown(endpoints: JsonObject[], name: string): boolean {
  return endpoints.some((each) => nameOf(each) === name);
}

function nameOf(object: JsonObject): string {
  return stringAt(object, "metadata", "name");
}
