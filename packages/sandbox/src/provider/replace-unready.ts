import { addressOf } from "./api-client";
import { jobReadiness } from "./await/job";
import { type JsonObject, stringAt } from "./json";
import type { Operation } from "./operation";

/** Whether an object asks to be replaced when it is not ready, and is a Job that is not. */
export async function replacesUnready(
  operation: Operation,
  urn: string,
  news: JsonObject,
  live: JsonObject,
): Promise<boolean> {
  if (stringAt(news, "metadata", "annotations", "pulumi.com/replaceUnready") !== "true") return false;
  const { connection, log } = operation;
  if (connection.api === undefined) {
    await log.warning(urn, "Cluster is unreachable, skipping replaceUnready check");
    return false;
  }
  if (stringAt(news, "kind") !== "Job") {
    await log.warning(urn, "replaceUnready annotation is not supported for this resource");
    return false;
  }
  try {
    return jobReadiness(await connection.api.get(addressOf(live)), []).state !== "ready";
  } catch {
    // A Job that is gone is nothing to replace; the update says so.
    return false;
  }
}
