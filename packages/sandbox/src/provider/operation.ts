import type { KubeConfig } from "@kubernetes/client-node";
import { messageOf } from "../message-of";
import type { ApiClient } from "./api-client";
import { NotReadyError } from "./await/await-ready";
import { type Checkpoint, checkpointState } from "./checkpoint";
import type { Connection } from "./connection";
import type { EngineLog } from "./engine-log";
import { type JsonObject, withoutValue } from "./json";
import { objectId } from "./naming";
import { PartialFailure } from "./partial-failure";
import type { ProviderSettings } from "./settings";

/** What every operation works with. */
export interface Operation {
  connection: Connection;
  settings: ProviderSettings;
  log: EngineLog;
  /** Aborted when the engine cancels. */
  signal: AbortSignal;
}

/** @throws Error when the cluster is unreachable. */
export function requireApi(connection: Connection): ApiClient {
  if (connection.api !== undefined) return connection.api;
  throw new Error(`configured Kubernetes cluster is unreachable: ${connection.unreachableBecause}`);
}

/** @throws Error when the cluster is unreachable. */
export function requireKubeConfig({ kubeConfig, unreachableBecause }: Connection): KubeConfig {
  if (kubeConfig !== undefined) return kubeConfig;
  throw new Error(`configured Kubernetes cluster is unreachable: ${unreachableBecause}`);
}

/** The failure of an operation on an object that exists, with the last state seen. Without a message only the cause is said. */
export function failedReadiness(
  message: string,
  error: unknown,
  checkpoint: Checkpoint,
  markedInputs: JsonObject,
  inputs?: JsonObject,
): PartialFailure {
  const cause = messageOf(error);
  const live = error instanceof NotReadyError ? error.object : checkpoint.live;
  const details = error instanceof NotReadyError ? error.reasons : [];
  const whole = message === "" ? cause : `${message}: ${cause}`;
  return new PartialFailure(
    whole,
    objectId(live),
    checkpointState({ ...checkpoint, live: withoutManagedFields(live) }, markedInputs),
    [whole, ...details],
    inputs,
  );
}

/** The state travels in a header of the answer, whose length is limited; nothing reads these fields from there. */
function withoutManagedFields(live: JsonObject): JsonObject {
  return withoutValue(live, ["metadata", "managedFields"]);
}
