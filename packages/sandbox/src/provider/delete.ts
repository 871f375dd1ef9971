import { setTimeout as sleep } from "node:timers/promises";
import { type ApiClient, addressOf, type ObjectAddress } from "./api-client";
import { isNotFound, missingRequiredField, NoSuchKindError, trueConditions } from "./api-error";
import { NotReadyError, skipsAwait, timeoutOf } from "./await/await-ready";
import { parseCheckpoint } from "./checkpoint";
import { at, type JsonObject, stringAt } from "./json";
import { isPatchResource, parseObjectId } from "./naming";
import { failedReadiness, type Operation } from "./operation";

export interface DeleteRequest {
  id: string;
  urn: string;
  properties: JsonObject;
  timeoutSeconds: number;
}

const pollMilliseconds = 300;

/** Finalizers are a normal part of a deletion; they are shown when it takes longer than this. */
const quietMilliseconds = 5_000;

/** Kinds whose deletion is not awaited with `pulumi.com/skipAwait`. */
const skippable = new Set(["v1/Namespace", "apps/v1/Deployment", "batch/v1/Job"]);

/**
 * Deletes an object, its dependents first unless annotated otherwise, and waits until it is gone. An object or a kind that
 * is no longer there is deleted.
 * @throws PartialFailure when it is still there after the time; a warning names its finalizers. A patch only gives up its
 * fields. @throws Error when one of them is required.
 */
export async function deleteObject(operation: Operation, request: DeleteRequest): Promise<void> {
  const { connection, settings, log } = operation;
  const checkpoint = parseCheckpoint(request.properties);
  if (connection.api === undefined) {
    await log.warning(request.urn, `configured Kubernetes cluster is unreachable: ${connection.unreachableBecause}`);
    if (settings.deleteUnreachable) return;
    throw new Error(
      "configured Kubernetes cluster is unreachable. If the cluster was deleted, you can remove this resource from Pulumi " +
        'state by rerunning the operation with the PULUMI_K8S_DELETE_UNREACHABLE environment variable set to "true"',
    );
  }

  const address = { ...addressOf(checkpoint.live), name: parseObjectId(request.id).name };
  if (isPatchResource(request.urn, address.kind)) {
    return giveUpFields(connection.api, address, checkpoint.fieldManager ?? "");
  }
  try {
    await connection.api.delete(address, propagationPolicy(checkpoint.inputs));
    if (skipsAwait(checkpoint.inputs) && skippable.has(`${address.apiVersion}/${address.kind}`)) return;
    await awaitGone(operation, connection.api, request, address, checkpoint.inputs);
  } catch (error) {
    if (isNotFound(error) || error instanceof NoSuchKindError) return;
    if (!(error instanceof NotReadyError)) throw error;
    throw failedReadiness("", error, checkpoint, request.properties);
  }
}

function propagationPolicy(inputs: JsonObject): string {
  const annotated = stringAt(inputs, "metadata", "annotations", "pulumi.com/deletionPropagationPolicy").toLowerCase();
  if (annotated === "orphan") return "Orphan";
  return annotated === "background" ? "Background" : "Foreground";
}

/** Ends when the object is not found, or another one has its name. */
async function awaitGone(
  operation: Operation,
  api: ApiClient,
  request: DeleteRequest,
  address: ObjectAddress,
  inputs: JsonObject,
): Promise<void> {
  let uid: string | undefined;
  const start = Date.now();
  const timeout = timeoutOf(inputs, request.timeoutSeconds) * 1000;
  for (let shown = ""; ; ) {
    const current = await api.get(address);
    uid ??= stringAt(current, "metadata", "uid");
    if (stringAt(current, "metadata", "uid") !== uid) return;
    const line = Date.now() - start < quietMilliseconds ? "" : whatHolds(current);
    if (line !== shown) await operation.log.status(request.urn, line);
    shown = line;
    if (operation.signal.aborted) throw new NotReadyError("the operation was cancelled", current, []);
    if (Date.now() - start >= timeout) {
      const finalizers = finalizersOf(current).join(", ");
      await operation.log.warning(request.urn, `finalizers might be preventing deletion (${finalizers})`);
      throw new NotReadyError("timed out waiting for the condition", current, []);
    }
    await sleep(pollMilliseconds, undefined, { signal: operation.signal }).catch(() => undefined);
  }
}

/** An apply of nothing but the object's identity. */
async function giveUpFields(api: ApiClient, address: ObjectAddress, fieldManager: string): Promise<void> {
  const { apiVersion, kind, namespace, name } = address;
  const metadata = { name, ...(namespace !== "" && { namespace }) };
  try {
    await api.apply({ apiVersion, kind, metadata }, fieldManager, false, false);
  } catch (error) {
    const required = missingRequiredField(error);
    if (required === undefined) throw error;
    throw new Error(
      "this Patch resource is currently managing a required field, so it can't be deleted directly. Either set the " +
        `\`retainOnDelete\` resource option, or transfer ownership of the field before deleting: ${required}`,
    );
  }
}

function finalizersOf(object: JsonObject): string[] {
  const finalizers = at(object, "metadata", "finalizers");
  return Array.isArray(finalizers) ? finalizers.map(String) : [];
}

function whatHolds(object: JsonObject): string {
  const finalizers = finalizersOf(object);
  const line = finalizers.length === 0 ? [] : [`finalizers might be preventing deletion: ${finalizers.join(", ")}`];
  const conditions = stringAt(object, "kind") === "Namespace" ? trueConditions(object) : [];
  return [...line, ...conditions].join("; ") || "still there";
}
