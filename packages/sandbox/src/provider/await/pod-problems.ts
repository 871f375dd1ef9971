import { at, isObject, type JsonObject, numberAt, objectsAt, stringAt } from "../json";

const registryPrefix = "rpc error: code = Unknown desc = Error response from daemon: ";

/** Why a pod has no node: shown while waiting, and in no error, since a node may still come. */
export function schedulingProblem(pod: JsonObject): string | undefined {
  const scheduled = condition(pod, "PodScheduled");
  if (scheduled === undefined || scheduled.status === "True" || stringAt(scheduled, "reason") === "") return undefined;
  return stringAt(scheduled, "message") || undefined;
}

/** Why a pod that has a node is not ready, in the words of its conditions and containers; empty when it is, or is only starting. */
export function podProblems(pod: JsonObject): string[] {
  const scheduled = condition(pod, "PodScheduled");
  if (scheduled !== undefined && scheduled.status !== "True") return [];
  const initialized = condition(pod, "Initialized");
  if (initialized === undefined) return [];
  if (initialized.status !== "True") return problemOf(pod, initialized, containerProblems(pod));
  const isReady = condition(pod, "Ready");
  if (isReady === undefined || isReady.status === "True" || at(pod, "status", "phase") === "Succeeded") return [];
  return problemOf(pod, isReady, containerProblems(pod));
}

/** A name as messages have it: without the namespace `default`. */
export function displayName(object: JsonObject): string {
  const namespace = stringAt(object, "metadata", "namespace");
  const name = stringAt(object, "metadata", "name");
  return namespace === "" || namespace === "default" ? name : `${namespace}/${name}`;
}

export function condition(object: JsonObject, type: string): JsonObject | undefined {
  return objectsAt(object, "status", "conditions").find((each) => each.type === type);
}

function problemOf(pod: JsonObject, unmet: JsonObject, containers: string[]): string[] {
  const message = stringAt(unmet, "reason") === "" ? "" : stringAt(unmet, "message");
  if (message === "" && containers.length === 0) return [];
  return [`[Pod ${displayName(pod)}]: ${message}${containers.join("\n")}`];
}

function containerProblems(pod: JsonObject): string[] {
  return objectsAt(pod, "status", "containerStatuses")
    .filter((status) => status.ready !== true)
    .flatMap((status) => [...waitingProblem(status), ...terminatedProblem(status), ...lastTermination(status)]);
}

function waitingProblem(status: JsonObject): string[] {
  const state = at(status, "state", "waiting");
  if (!isObject(state) || state.reason === "ContainerCreating") return [];
  return [`[${stringAt(state, "reason")}] ${trimmed(stringAt(state, "message"))}`];
}

function terminatedProblem(status: JsonObject): string[] {
  const state = at(status, "state", "terminated");
  const reason = stringAt(state, "reason");
  if (reason === "") return [];
  const message = stringAt(state, "message");
  if (message !== "") return [`[${reason}] ${trimmed(message)}`];
  return [`container "${stringAt(status, "name")}" completed with exit code ${numberAt(state, "exitCode") ?? 0}`];
}

function lastTermination(status: JsonObject): string[] {
  const state = at(status, "lastState", "terminated");
  if (!isObject(state)) return [];
  const name = stringAt(status, "name");
  const how = `${stringAt(state, "reason")}: exit code ${numberAt(state, "exitCode") ?? 0}`;
  const message = stringAt(state, "message");
  const line = `container "${name}" terminated at ${stringAt(state, "finishedAt")} (${how})`;
  return message === "" ? [line] : [line, message];
}

function trimmed(message: string): string {
  const start = message.startsWith(registryPrefix) ? registryPrefix.length : 0;
  return message.slice(start).replace(/: manifest unknown$/, "");
}

/** Whether one of an object's owners is this one. */
export function isOwnedBy(object: JsonObject, owner: JsonObject): boolean {
  const uid = stringAt(owner, "metadata", "uid");
  return objectsAt(object, "metadata", "ownerReferences").some((reference) => reference.uid === uid);
}
