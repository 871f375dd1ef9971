import { messageOf } from "../message-of";
import { type ApiClient, addressOf } from "./api-client";
import { isConflict, isForbidden, NoSuchKindError } from "./api-error";
import { awaitReady } from "./await/await-ready";
import { type Checkpoint, checkpointState, parseCheckpoint, plainInputs } from "./checkpoint";
import { kindExists } from "./connection";
import { type JsonObject, stringAt, withValue } from "./json";
import { explainedConflict, forcesConflicts, takeOverPatch, withIgnoredFields } from "./managed-fields";
import { isPatchResource, newFieldManager, objectId } from "./naming";
import { normalizeInputs } from "./normalize";
import { failedReadiness, type Operation, requireApi } from "./operation";
import { hasUnknown } from "./property-values";

export interface UpdateRequest {
  urn: string;
  olds: JsonObject;
  news: JsonObject;
  ignoreChanges: readonly string[];
  timeoutSeconds: number;
  preview: boolean;
}

/**
 * Updates an object with server-side apply and waits until it is ready; a preview is a dry run. Fields of others are not
 * overwritten unless forced, and ignored ones keep their live value.
 * @throws Error when nothing can be said about the object. @throws PartialFailure otherwise.
 */
export async function updateObject(operation: Operation, request: UpdateRequest): Promise<JsonObject> {
  const { urn, news, preview } = request;
  const inputs = normalizeInputs(plainInputs(news));
  const exists = await kindExists(operation.connection, stringAt(inputs, "apiVersion"), stringAt(inputs, "kind"));
  if (preview && (hasUnknown(inputs) || !exists)) return news;

  const api = requireApi(operation.connection);
  const before = parseCheckpoint(request.olds);
  const fieldManager = before.fieldManager ?? newFieldManager();
  let checkpoint: Checkpoint = { ...before, inputs, fieldManager };
  try {
    const current = await api.get({ ...addressOf(inputs), name: stringAt(before.live, "metadata", "name") });
    const owned = await takeOverFields(api, request, current, fieldManager);
    // What is sent is what the state holds, as with the official provider: without ignored fields, a definition with its version.
    checkpoint = {
      ...checkpoint,
      inputs: isDefinition(inputs)
        ? withValue(inputs, ["metadata", "resourceVersion"], stringAt(current, "metadata", "resourceVersion"))
        : withIgnoredFields(inputs, owned, request.ignoreChanges, fieldManager),
    };
    const live = await send(operation, api, request, checkpoint, owned);
    return checkpointState({ ...checkpoint, live }, news);
  } catch (error) {
    if (preview && isForbidden(error)) return news;
    if (error instanceof NoSuchKindError) {
      throw new Error(
        `update of resource "${urn}" failed because the Kubernetes API server reported that the apiVersion for this ` +
          `resource does not exist. Verify that any required CRDs have been created: ${error.message}`,
      );
    }
    const live = await currentObject(api, urn, before, error);
    const message = `the Kubernetes API server reported that "${objectId(live)}" failed to fully initialize or become live`;
    throw failedReadiness(message, explainedConflict(error, fieldManager), { ...checkpoint, live }, news);
  }
}

async function send(
  operation: Operation,
  api: ApiClient,
  request: UpdateRequest,
  { inputs, fieldManager = "" }: Checkpoint,
  current: JsonObject,
): Promise<JsonObject> {
  const { urn, preview, timeoutSeconds } = request;
  const answer = isDefinition(inputs)
    ? await api.replace(inputs, fieldManager, preview)
    : await api.apply(
        withValue(inputs, ["metadata", "name"], stringAt(current, "metadata", "name")),
        fieldManager,
        forcesConflicts({ inputs, live: current, enablePatchForce: operation.settings.enablePatchForce, preview }),
        preview,
      );
  for (const warning of answer.warnings) await operation.log.warning(urn, `the API server warns: ${warning}`);
  if (preview) return answer.body;
  const awaited = { object: answer.body, inputs, isUpdate: true, timeoutSeconds };
  return awaitReady(api, awaited, operation.signal, (line) => operation.log.status(urn, line));
}

/** Definitions are replaced as a whole, without server-side apply. */
function isDefinition(object: JsonObject): boolean {
  return stringAt(object, "kind") === "CustomResourceDefinition";
}

/** The patch holds for the version it was made from; a controller may change the object in between. */
async function takeOverFields(
  api: ApiClient,
  { urn, preview }: UpdateRequest,
  found: JsonObject,
  fieldManager: string,
): Promise<JsonObject> {
  if (preview || isDefinition(found) || isPatchResource(urn, stringAt(found, "kind"))) return found;
  let live = found;
  for (let attempt = 1; ; attempt++) {
    const patch = takeOverPatch(live, fieldManager);
    if (patch === undefined) return live;
    try {
      return await api.patch(addressOf(live), patch);
    } catch (error) {
      if (!isConflict(error) || attempt >= 5) throw error;
      live = await api.get(addressOf(live));
    }
  }
}

async function currentObject(api: ApiClient, urn: string, before: Checkpoint, cause: unknown): Promise<JsonObject> {
  try {
    return await api.get(addressOf(before.live));
  } catch (error) {
    const [first, second] = [cause, error].map(messageOf);
    throw new Error(`update of resource "${urn}" failed: ${first}\nunable to get cluster state: ${second}`);
  }
}
