import { ExplainedError } from "./explained-error";

/** Why a file could not be written, by Node's error code. */
const reasons: Record<string, string> = {
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EROFS: "the file system is read-only",
  EACCES: "it belongs to another user",
  EPERM: "the system does not allow it",
  ENOTDIR: "a part of its path is a file",
};

/** Folders this project writes to, and the variable that moves each. */
interface WritableFolder {
  /** What it holds, e.g. `The sandbox's files`. */
  what: string;
  folder: string;
  variable: "VLLM_SERVING_STATE" | "VLLM_SERVING_CACHE";
}

/** An error of the file system as one line with the place, the reason and the fix; every other error as it is. */
export function explainFileProblem(error: unknown, { what, folder, variable }: WritableFolder): unknown {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return error;
  const reason = reasons[error.code];
  if (reason === undefined) return error;
  const path = "path" in error && typeof error.path === "string" ? error.path : folder;
  const full = error.code === "ENOSPC" || error.code === "EDQUOT";
  const fix = full
    ? `Free some space, or set ${variable} to a folder on another disk.`
    : `Set ${variable} to a folder that you can write to.`;
  return new ExplainedError(`${what} cannot be written: ${path}: ${reason} (${error.code}). ${fix}`, { cause: error });
}
