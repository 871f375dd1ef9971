import { setTimeout as sleep } from "node:timers/promises";
import { type ApiClient, addressOf, type ObjectAddress } from "./api-client";
import { isNotFound, NoSuchKindError, trueConditions } from "./api-error";
import { NotReadyError, skipsAwait, timeoutOf } from "./await/await-ready";
import { parseCheckpoint } from "./checkpoint";
import { at, type JsonObject, stringAt } from "./json";
import { parseObjectId } from "./naming";
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
 * @throws PartialFailure when it is still there after the time; the message names what holds it.
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
  try {
    await connection.api.delete(address, propagationPolicy(checkpoint.inputs));
    if (skipsAwait(checkpoint.inputs) && skippable.has(`${address.apiVersion}/${address.kind}`)) return;
    await awaitGone(operation, connection.api, request, address, checkpoint.inputs);
  } catch (error) {
    if (isNotFound(error) || error instanceof NoSuchKindError) return;
    if (!(error instanceof NotReadyError)) throw error;
    throw failedReadiness(`"${request.id}" was not deleted`, error, checkpoint, request.properties);
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
    const held = whatHolds(current);
    const line = Date.now() - start < quietMilliseconds ? "" : held.join("; ");
    if (line !== shown) await operation.log.status(request.urn, line);
    shown = line;
    if (operation.signal.aborted) throw new NotReadyError("the operation was cancelled", current, held);
    if (Date.now() - start >= timeout) {
      throw new NotReadyError(`timed out waiting for it to be gone (${held.join("; ")})`, current, held);
    }
    await sleep(pollMilliseconds, undefined, { signal: operation.signal }).catch(() => undefined);
  }
}

function whatHolds(object: JsonObject): string[] {
  const lists = [at(object, "metadata", "finalizers"), at(object, "spec", "finalizers")];
  const finalizers = lists.flatMap((list) => (Array.isArray(list) ? list.map(String) : []));
  const line = finalizers.length === 0 ? [] : [`finalizers might be preventing deletion: ${finalizers.join(", ")}`];
  const conditions = stringAt(object, "kind") === "Namespace" ? trueConditions(object) : [];
  return line.length + conditions.length === 0 ? ["still there"] : [...line, ...conditions];
}
