import { isNotFound, NoSuchKindError } from "./api-error";
import { checkReady, NotReadyError } from "./await/await-ready";
import { asInputs, type Checkpoint, checkpointState, parseCheckpoint, plainInputs } from "./checkpoint";
import { pruneToShape, withDroppedValues } from "./diff";
import { type JsonObject, stringAt, withoutValue } from "./json";
import { kindFacts } from "./kinds";
import { newFieldManager, objectId, parseObjectId, resourceType } from "./naming";
import { normalizeInputs, withoutReadOnlyMetadata } from "./normalize";
import { failedReadiness, type Operation, requireApi } from "./operation";

export interface ReadRequest {
  id: string;
  urn: string;
  properties: JsonObject;
  inputs: JsonObject;
}

export interface ReadResult {
  /** Empty when the object is gone. */
  id: string;
  properties: JsonObject;
  inputs: JsonObject;
}

const gone: ReadResult = { id: "", properties: {}, inputs: {} };

/** Kept by clients and controllers in a place where inputs are. */
const foreignAnnotations = ["deployment.kubernetes.io/revision", "kubectl.kubernetes.io/last-applied-configuration"];

/**
 * The live object. Its inputs are those of the program with their live values, so that what the cluster added is no
 * drift; without earlier inputs (an import or `get`) they are all of the object but its status.
 * @throws PartialFailure when a Deployment, Service or Job is not ready. @throws Error when the cluster is unreachable.
 */
export async function readObject(operation: Operation, request: ReadRequest): Promise<ReadResult> {
  const { connection, settings, log } = operation;
  if (connection.api === undefined) {
    await log.warning(request.urn, `configured Kubernetes cluster is unreachable: ${connection.unreachableBecause}`);
    if (settings.deleteUnreachable) return gone;
    if (settings.skipUpdateUnreachable) return request;
    throw new Error(
      "failed to read resource state due to unreachable cluster. If the cluster was deleted, you can remove this " +
        'resource from Pulumi state by rerunning the operation with the PULUMI_K8S_DELETE_UNREACHABLE environment variable set to "true"',
    );
  }

  const api = requireApi(connection);
  const old = parseCheckpoint(request.properties);
  const oldInputs = normalizeInputs(plainInputs(request.inputs));
  const address = addressToRead(request, oldInputs, old.live);
  let live: JsonObject;
  try {
    live = await api.get(address);
  } catch (error) {
    if (isNotFound(error) || error instanceof NoSuchKindError) return gone;
    throw error;
  }

  const isImport = stringAt(oldInputs, "apiVersion") === "" && stringAt(old.live, "apiVersion") === "";
  const inputs = isImport ? importedInputs(live) : liveInputs(live, oldInputs);
  const checkpoint: Checkpoint = {
    live,
    inputs,
    initialApiVersion: old.initialApiVersion || address.apiVersion,
    fieldManager: old.fieldManager ?? newFieldManager(),
  };
  const markedInputs = asInputs(inputs, request.inputs);
  try {
    if (!isImport) await checkReady(api, live, oldInputs);
  } catch (error) {
    if (!(error instanceof NotReadyError)) throw error;
    throw failedReadiness("", error, checkpoint, request.inputs, markedInputs);
  }
  return {
    id: request.id || objectId(live),
    properties: checkpointState(checkpoint, request.inputs),
    inputs: markedInputs,
  };
}

function addressToRead(request: ReadRequest, oldInputs: JsonObject, oldLive: JsonObject) {
  const { namespace, name } = parseObjectId(request.id);
  if (name === "") throw new Error(`failed to read resource: the id "${request.id}" has no name`);
  const known = [oldInputs, oldLive].find((each) => stringAt(each, "apiVersion") !== "");
  const type =
    known === undefined
      ? resourceType(request.urn)
      : { apiVersion: stringAt(known, "apiVersion"), kind: stringAt(known, "kind") };
  return { ...type, name, namespace: namespace || stringAt(oldInputs, "metadata", "namespace") };
}

function liveInputs(live: JsonObject, oldInputs: JsonObject): JsonObject {
  const pruned = pruneToShape(live, oldInputs);
  const isBuiltIn = kindFacts(stringAt(live, "apiVersion"), stringAt(live, "kind")) !== undefined;
  return isBuiltIn ? withDroppedValues(pruned, oldInputs) : pruned;
}

function importedInputs(live: JsonObject): JsonObject {
  const { status: _status, ...rest } = withoutReadOnlyMetadata(live);
  return foreignAnnotations.reduce((object, name) => withoutValue(object, ["metadata", "annotations", name]), rest);
}
