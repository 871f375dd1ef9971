import { ExplainedError } from "../explained-error";
import { explainFileProblem } from "../file-problems";
import { adviceFor } from "./advice";
import type { SandboxFiles } from "./sandbox-directory";

/** A problem with the sandbox's own folder with its fix; every other error as it is. */
export function explainStateProblem(error: unknown, { directory }: Pick<SandboxFiles, "directory">): unknown {
  return explainFileProblem(error, { what: "The sandbox's files", folder: directory, variable: "VLLM_SERVING_STATE" });
}

/** The message with those of its causes, a line each, and what helps where that is known. */
export function describeError(error: unknown): string {
  if (error instanceof ExplainedError) return error.message;
  const lines = messages(error);
  const advice = adviceFor(lines);
  return [...lines, ...(advice === undefined ? [] : [advice])].join("\n");
}

function messages(error: unknown): string[] {
  if (!(error instanceof Error)) return [String(error)];
  if (error.cause === undefined) return [error.message];
  return [error.message, ...messages(error.cause).map((line) => `  ${line}`)];
}
