import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../../message-of";
import { type ApiClient, addressOf, type ObjectAddress } from "../api-client";
import { isNotFound } from "../api-error";
import { at, isObject, type JsonObject, stringAt } from "../json";
import { daemonSetReadiness } from "./daemon-set";
import { deploymentReadiness } from "./deployment";
import { ingressReadiness } from "./ingress";
import { jobReadiness } from "./job";
import { isOwnedBy } from "./pod-problems";
import { type Readiness, ready, waiting } from "./readiness";
import { serviceReadiness } from "./service";
import { persistentVolumeClaimReadiness, persistentVolumeReadiness } from "./volumes";
import { parseWaitFor } from "./wait-for";

const pollMilliseconds = 500;
const defaultTimeoutSeconds = 600;
const conditionTimeout = "timed out waiting for the condition";

/** The object was made or changed but is not ready: its state is kept, and the next run goes on from it. */
export class NotReadyError extends Error {
  constructor(
    message: string,
    /** The last state seen. */
    readonly object: JsonObject,
    readonly reasons: string[],
  ) {
    super(message);
    this.name = "NotReadyError";
  }
}

/** One look at the cluster. */
interface Observation {
  object: JsonObject;
  readiness: Readiness;
  /** While this changes, the time does not run out: the official provider counts a Job's from the last event. */
  activity?: string;
}

interface Awaiter {
  observe(): Promise<Observation>;
  timeoutSeconds: number;
  timeoutMessage: string;
}

export interface AwaitRequest {
  /** The answer to the create or update. */
  object: JsonObject;
  inputs: JsonObject;
  isUpdate: boolean;
  /** Of the resource's options; 0 when there is none. */
  timeoutSeconds: number;
}

/** Seconds an operation may take: the resource option, the annotation, or 10 minutes. */
export function timeoutOf(inputs: JsonObject, optionSeconds: number): number {
  if (optionSeconds > 0) return optionSeconds;
  const annotated = stringAt(inputs, "metadata", "annotations", "pulumi.com/timeoutSeconds");
  return /^\d+$/.test(annotated) ? Number(annotated) : defaultTimeoutSeconds;
}

export function skipsAwait(inputs: JsonObject): boolean {
  return stringAt(inputs, "metadata", "annotations", "pulumi.com/skipAwait") === "true";
}

/**
 * Waits until an object is ready, by the rules of its kind or of its `waitFor` annotation. Kinds without rules are ready
 * when they exist; so are all with `pulumi.com/skipAwait: "true"`.
 * @param onStatus gets a line whenever the progress changes, and an empty one at the end.
 * @returns the object as it is then.
 * @throws NotReadyError when the time runs out, the object fails, or the operation is cancelled.
 */
export async function awaitReady(
  api: ApiClient,
  request: AwaitRequest,
  signal: AbortSignal,
  onStatus: (line: string) => void,
): Promise<JsonObject> {
  if (skipsAwait(request.inputs)) return request.object;
  const awaiter = awaiterOf(api, request);
  if (awaiter === undefined) return request.object;

  const name = stringAt(request.object, "metadata", "name");
  let deadline = 0;
  let last: Observation = { object: request.object, readiness: waiting("") };
  for (let shown = ""; ; ) {
    const before = last;
    last = await observed(awaiter, last);
    const { object, readiness } = last;
    if (deadline === 0 || last.activity !== before.activity) deadline = Date.now() + awaiter.timeoutSeconds * 1000;
    const line = readiness.state === "waiting" ? readiness.status : "";
    if (line !== shown) onStatus(line);
    shown = line;
    if (readiness.state === "ready") return object;
    if (readiness.state === "failed") {
      throw new NotReadyError(`Resource '${name}' was created but failed to initialize`, object, readiness.reasons);
    }
    if (signal.aborted) {
      throw new NotReadyError(`Resource operation was cancelled for "${name}"`, object, readiness.reasons);
    }
    if (Date.now() >= deadline) {
      if (readiness.acceptable === true) return object;
      throw new NotReadyError(readiness.problem ?? awaiter.timeoutMessage, object, readiness.reasons);
    }
    await sleep(pollMilliseconds, undefined, { signal }).catch(() => undefined);
  }
}

/** A look that fails, such as in a short outage of the API server, says nothing new. */
async function observed(awaiter: Awaiter, last: Observation): Promise<Observation> {
  try {
    return await awaiter.observe();
  } catch (error) {
    const problem = isNotFound(error) ? "it was deleted" : messageOf(error);
    const reasons = last.readiness.state === "waiting" ? last.readiness.reasons : [];
    return { ...last, readiness: waiting(`Waiting for the API server: ${problem}`, reasons) };
  }
}

/**
 * One look, for a refresh: whether what runs pods or leads to them is ready.
 * @throws NotReadyError when it is not.
 */
export async function checkReady(api: ApiClient, object: JsonObject, inputs: JsonObject): Promise<void> {
  if (skipsAwait(inputs)) return;
  const kind = `${stringAt(object, "apiVersion")}/${stringAt(object, "kind")}`;
  const observe = relatedObservers(api, object, () => Number.POSITIVE_INFINITY)[kind];
  const readiness = observe === undefined ? ready : (await observe()).readiness;
  if (readiness.state === "ready") return;
  const name = stringAt(object, "metadata", "name");
  throw new NotReadyError(`Resource '${name}' was created but failed to initialize`, object, readiness.reasons);
}

function awaiterOf(api: ApiClient, request: AwaitRequest): Awaiter | undefined {
  const { object, inputs, isUpdate } = request;
  const address = addressOf(object);
  const timeoutSeconds = timeoutOf(inputs, request.timeoutSeconds);
  const timeoutMessage = `'${address.name}' timed out waiting to be Ready`;
  const polled = (seconds: number, readinessOf: (live: JsonObject) => Readiness | Promise<Readiness>): Awaiter => ({
    observe: async () => {
      const live = await api.get(address);
      return { object: live, readiness: await readinessOf(live) };
    },
    timeoutSeconds: seconds,
    timeoutMessage: `Timeout occurred polling for '${address.name}'`,
  });

  const waitFor = parseWaitFor(object);
  if (waitFor !== undefined) {
    return { ...polled(timeoutSeconds, waitFor), timeoutMessage: conditionTimeout };
  }
  const kind = `${address.apiVersion}/${address.kind}`;
  const observe = relatedObservers(api, object, unchangedSince())[kind];
  if (observe !== undefined) {
    return {
      observe,
      timeoutSeconds,
      timeoutMessage: kind === "apps/v1/DaemonSet" ? conditionTimeout : timeoutMessage,
    };
  }
  switch (kind) {
    case "v1/PersistentVolume":
      return polled(300, persistentVolumeReadiness);
    case "v1/PersistentVolumeClaim":
      return polled(300, async (live) => persistentVolumeClaimReadiness(live, await bindingMode(api, live), isUpdate));
    case "v1/Secret":
      return object.type === "kubernetes.io/service-account-token" ? polled(5, tokenReadiness) : undefined;
    default:
      return undefined;
  }
}

/** Kinds that run pods or lead to them, which a refresh looks at too. */
function relatedObservers(
  api: ApiClient,
  object: JsonObject,
  secondsUnchanged: (version: string) => number,
): Record<string, () => Promise<Observation>> {
  const address = addressOf(object);
  let version = stringAt(object, "metadata", "resourceVersion");
  const list = (apiVersion: string, kind: string) => api.list(apiVersion, kind, address.namespace);
  const started = Date.now();
  return {
    "apps/v1/Deployment": async () => {
      const deployment = await api.get(address);
      const [replicaSets, pods, claims] = await Promise.all([
        list("apps/v1", "ReplicaSet"),
        list("v1", "Pod"),
        list("v1", "PersistentVolumeClaim"),
      ]);
      return { object: deployment, readiness: deploymentReadiness({ deployment, replicaSets, pods, claims }) };
    },
    "apps/v1/DaemonSet": async () => {
      const daemonSet = await api.get(address);
      return { object: daemonSet, readiness: daemonSetReadiness(daemonSet) };
    },
    "v1/Service": async () => {
      const service = await api.get(address);
      const endpoints = await api.get({ ...address, kind: "Endpoints" }).catch((error: unknown) => {
        if (isNotFound(error)) return undefined;
        throw error;
      });
      const unchangedSeconds = secondsUnchanged(stringAt(endpoints, "metadata", "resourceVersion"));
      return { object: service, readiness: serviceReadiness({ service, endpoints, unchangedSeconds }) };
    },
    "networking.k8s.io/v1/Ingress": async () => {
      const ingress = await api.get(address);
      const [services, endpoints] = await Promise.all([list("v1", "Service"), list("v1", "Endpoints")]);
      const unchangedSeconds = secondsUnchanged(versionsOf(endpoints));
      return { object: ingress, readiness: ingressReadiness({ ingress, services, endpoints, unchangedSeconds }) };
    },
    "batch/v1/Job": async () => {
      const job = await liveOrEndedJob(api, address, version);
      version = stringAt(job, "metadata", "resourceVersion");
      const [jobs, pods] = await Promise.all([list("batch/v1", "Job"), list("v1", "Pod")]);
      const readiness = jobReadiness(
        job,
        pods.filter((pod) => isOwnedBy(pod, job)),
      );
      return { object: job, readiness, activity: `${versionsOf(jobs)} ${minutesSince(started)}` };
    },
  };
}

/** The Job as it is, or as it ended: `ttlSecondsAfterFinished` may remove it between two looks. */
async function liveOrEndedJob(api: ApiClient, address: ObjectAddress, version: string): Promise<JsonObject> {
  const ended = async () =>
    (await api.statesSince(address, version)).find((state) => jobReadiness(state, []).state !== "waiting");
  try {
    const job = await api.get(address);
    return stringAt(job, "metadata", "deletionTimestamp") === "" ? job : ((await ended()) ?? job);
  } catch (error) {
    const job = isNotFound(error) ? await ended() : undefined;
    if (job === undefined) throw error;
    return job;
  }
}

function versionsOf(objects: JsonObject[]): string {
  return objects.map((object) => stringAt(object, "metadata", "resourceVersion")).join(" ");
}

/** The official provider's watch repeats everything every minute. */
function minutesSince(started: number): number {
  return Math.floor((Date.now() - started) / 60_000);
}

/** Tells for how many seconds a version has been the same. */
function unchangedSince(): (version: string) => number {
  let seen = "";
  let since = Date.now();
  return (version) => {
    if (version !== seen) since = Date.now();
    seen = version;
    return (Date.now() - since) / 1000;
  };
}

async function bindingMode(api: ApiClient, claim: JsonObject): Promise<string> {
  const name = stringAt(claim, "spec", "storageClassName");
  if (name === "") return "";
  try {
    const address = { apiVersion: "storage.k8s.io/v1", kind: "StorageClass", namespace: "", name };
    return stringAt(await api.get(address), "volumeBindingMode");
  } catch {
    // A class that does not exist is common with volumes made by hand: the claim binds by name.
    return "";
  }
}

function tokenReadiness(secret: JsonObject): Readiness {
  const data = at(secret, "data");
  return isObject(data) && Object.keys(data).length > 0 ? ready : waiting("Waiting for the token");
}
