import { type JsonObject, numberAt, stringAt } from "../json";
import { condition, displayName, podProblems } from "./pod-problems";
import { type Readiness, ready, waiting } from "./readiness";

/** Reasons after which a Job is given up at once. */
const finalReasons = new Set(["BackoffLimitExceeded", "DeadlineExceeded"]);

/** Ready when complete; failed as soon as the Job has used up its retries or its time. */
export function jobReadiness(job: JsonObject, pods: JsonObject[]): Readiness {
  const problems = pods.flatMap(podProblems);
  const failed = condition(job, "Failed");
  if (failed?.status === "True" && finalReasons.has(stringAt(failed, "reason"))) {
    return {
      state: "failed",
      reasons: [`[${stringAt(failed, "reason")}] ${stringAt(failed, "message")}`, ...problems],
    };
  }
  if (stringAt(job, "status", "startTime") === "") {
    return waiting(`Waiting for Job "${displayName(job)}" to start`, problems);
  }
  if (condition(job, "Complete")?.status === "True") return ready;
  const count = (field: string) => numberAt(job, "status", field) ?? 0;
  const progress = `(Active: ${count("active")} | Succeeded: ${count("succeeded")} | Failed: ${count("failed")})`;
  return waiting(`Waiting for Job "${displayName(job)}" to succeed ${progress}`, problems);
}
