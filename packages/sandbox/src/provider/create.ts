import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../message-of";
import type { ApiClient } from "./api-client";
import {
  isAlreadyExists,
  isDryRunUnsupported,
  isForbidden,
  isNamespaceMissing,
  isNotFound,
  NoSuchKindError,
} from "./api-error";
import { awaitReady, NotReadyError } from "./await/await-ready";
import { type Checkpoint, checkpointState, plainInputs } from "./checkpoint";
import { kindExists } from "./connection";
import { type JsonObject, stringAt, withoutValue } from "./json";
import { creatingFieldManager, explainedConflict, forcesConflicts } from "./managed-fields";
import { isPatchResource, newFieldManager, objectId, resourceType } from "./naming";
import { failedReadiness, type Operation, requireApi } from "./operation";
import { hasUnknown } from "./property-values";

export interface CreateRequest {
  urn: string;
  properties: JsonObject;
  timeoutSeconds: number;
  preview: boolean;
}

const alreadyExistsHelp = `

The resource already exists in the cluster. This can happen when:

  - Renaming a Pulumi resource: use an alias to preserve the identity,
    or use deleteBeforeReplace if the resource needs replacement.
  - Managing an existing resource: use a Patch resource (e.g. NamespacePatch)
    to manage specific fields without owning the resource lifecycle.
  - Adopting a resource into Pulumi: use \`pulumi import\`. Note that
    protected resources (e.g. kube-system) cannot be deleted on destroy.
  - Intentional upsert: set upsertExistingObjects on the provider to allow
    server-side apply to update existing objects on create.`;

/**
 * Creates an object and waits until it is ready. A preview asks the API server for a dry run, so that what it refuses
 * shows there; it gives the inputs back when values are unknown or the namespace, the kind or the cluster is not there yet.
 * @throws Error when nothing was created. @throws PartialFailure when the object is there but not ready.
 */
export async function createObject(
  operation: Operation,
  request: CreateRequest,
): Promise<{ id: string; properties: JsonObject }> {
  const { urn, properties, preview } = request;
  const inputs = plainInputs(properties);
  const exists = await kindExists(operation.connection, stringAt(inputs, "apiVersion"), stringAt(inputs, "kind"));
  const isPatch = isPatchResource(urn, stringAt(inputs, "kind"));
  if (preview && (hasUnknown(inputs) || !exists || isPatch)) return { id: "", properties };

  const api = requireApi(operation.connection);
  const fieldManager = newFieldManager();
  const { enablePatchForce } = operation.settings;
  let created: JsonObject;
  try {
    const answer = await withRetries(operation, urn, preview, () =>
      isPatch || operation.settings.upsertExistingObjects
        ? api.apply(inputs, fieldManager, forcesConflicts({ inputs, enablePatchForce, preview }), preview)
        : api.create(inputs, creatingFieldManager, preview),
    );
    for (const warning of answer.warnings) await operation.log.warning(urn, `the API server warns: ${warning}`);
    created = answer.body;
  } catch (error) {
    if (preview && cannotBePreviewed(error)) return { id: "", properties };
    throw creationError(urn, explainedConflict(error, fieldManager));
  }

  const checkpoint: Checkpoint = {
    live: created,
    inputs,
    initialApiVersion: stringAt(inputs, "apiVersion"),
    fieldManager,
  };
  if (preview) {
    const live = withoutValue(created, ["status"]);
    return { id: "", properties: checkpointState({ ...checkpoint, live }, properties) };
  }
  const live = await awaitCreated(operation, api, request, checkpoint);
  return { id: objectId(live), properties: checkpointState({ ...checkpoint, live }, properties) };
}

async function awaitCreated(
  operation: Operation,
  api: ApiClient,
  request: CreateRequest,
  checkpoint: Checkpoint,
): Promise<JsonObject> {
  const { live, inputs } = checkpoint;
  const awaited = { object: live, inputs, isUpdate: false, timeoutSeconds: request.timeoutSeconds };
  try {
    return await awaitReady(api, awaited, operation.signal, (line) => operation.log.status(request.urn, line));
  } catch (error) {
    // An object whose annotation cannot be read stays behind: the official provider says this too.
    if (!(error instanceof NotReadyError)) throw creationError(request.urn, error);
    const message =
      `resource "${request.urn}" was successfully created, but the Kubernetes API server ` +
      "reported that it failed to fully initialize or become live";
    throw failedReadiness(message, error, checkpoint, request.properties);
  }
}

/** An object may be created before its namespace or its definition: 6 tries, 1, 2, 4, 8 and 16 seconds apart. */
async function withRetries<Answer>(
  operation: Operation,
  urn: string,
  preview: boolean,
  attempt: () => Promise<Answer>,
): Promise<Answer> {
  for (let retry = 0; ; retry++) {
    try {
      return await attempt();
    } catch (error) {
      const mayComeLater = isNotFound(error) || error instanceof NoSuchKindError;
      if (!mayComeLater || preview || retry >= 5 || operation.signal.aborted) throw error;
      await operation.log.status(urn, `Retry #${retry}; creation failed: ${messageOf(error)}`);
      await sleep(1000 * 2 ** retry, undefined, { signal: operation.signal }).catch(() => undefined);
    }
  }
}

function cannotBePreviewed(error: unknown): boolean {
  return isForbidden(error) || isDryRunUnsupported(error) || isNamespaceMissing(error) || isAlreadyExists(error);
}

function creationError(urn: string, error: unknown): Error {
  if (error instanceof NoSuchKindError) {
    const { apiVersion, kind } = resourceType(urn);
    return new Error(
      `creation of resource "${urn}" with kind ${apiVersion}/${kind} failed because the Kubernetes API server reported that the ` +
        `apiVersion for this resource does not exist. Verify that any required CRDs have been created: ${error.message}`,
    );
  }
  const help = isAlreadyExists(error) ? alreadyExistsHelp : "";
  return new Error(
    `resource "${urn}" was not successfully created by the Kubernetes API server: ${messageOf(error)}${help}`,
  );
}
