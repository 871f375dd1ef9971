import { asInputs, plainInputs } from "./checkpoint";
import { type Connection, isNamespaced } from "./connection";
import { type JsonObject, ownValue, stringAt, withValue } from "./json";
import { type Autonaming, isNamed, isPatchResource, resourceType, withEarlierName, withNewName } from "./naming";
import { normalizeInputs } from "./normalize";
import { isUnknown } from "./property-values";

export interface CheckRequest {
  urn: string;
  olds: JsonObject;
  news: JsonObject;
  randomSeed: Uint8Array;
  autonaming: Autonaming | undefined;
}

/**
 * The inputs as they are compared and sent: normalized, with a name and a namespace. A name that was made stays as long
 * as the object does. No label is added; the official provider adds one only without server-side apply.
 * @throws Error for types this provider does not cover.
 */
export async function checkInputs(connection: Connection, request: CheckRequest): Promise<JsonObject> {
  const { urn, olds, news } = request;
  const type = resourceType(urn);
  refuseUncovered(type.apiVersion, type.kind);
  const given = { apiVersion: type.apiVersion, kind: type.kind, ...plainInputs(news) };
  const normalized = normalizeInputs(given);
  const kind = stringAt(normalized, "kind");
  if (isPatchResource(urn, kind) && !isNamed(normalized)) {
    throw new Error("patch resources require the `.metadata.name` field to be set");
  }
  const isNew = Object.keys(olds).length === 0;
  const named = isNew
    ? withNewName(normalized, urn, request.randomSeed, request.autonaming)
    : withEarlierName(normalized, plainInputs(olds));
  if (!isNamed(named) && stringAt(named, "metadata", "generateName") !== "") {
    throw new Error("the `.metadata.generateName` field is not supported in Server-Side Apply mode");
  }
  const placed = (await isNamespaced(connection, type.apiVersion, kind))
    ? withDefaultNamespace(named, connection.defaultNamespace)
    : named;
  return asInputs(placed, news);
}

function withDefaultNamespace(object: JsonObject, namespace: string): JsonObject {
  const metadata = ownValue(object, "metadata");
  if (isUnknown(metadata) || stringAt(object, "metadata", "namespace") !== "") return object;
  return withValue(object, ["metadata", "namespace"], namespace);
}

function refuseUncovered(apiVersion: string, kind: string): void {
  if (kind.endsWith("List")) {
    throw new Error(
      "list resources exist for compatibility with YAML manifests and Helm charts, and cannot be created directly. " +
        "Use the underlying resource type instead",
    );
  }
  if (!apiVersion.startsWith("helm.sh/")) return;
  throw new Error(
    `${apiVersion} ${kind}: the sandbox's stand-in for the Kubernetes provider covers plain objects, custom resources and ` +
      "Helm releases only. Install the official plugin, and the sandbox uses it.",
  );
}
