import "./require-home";
import { join, resolve } from "node:path";
import envPaths from "env-paths";

const folders = envPaths("vllm-serving", { suffix: "" });

/** Where sandboxes are kept: the environment variable `VLLM_SERVING_STATE`, or `sandboxes` in the platform's data folder. */
export function stateFolder(): string {
  return configured("VLLM_SERVING_STATE") ?? join(folders.data, "sandboxes");
}

/** What can be made again: the environment variable `VLLM_SERVING_CACHE`, or the platform's cache folder. */
export function cacheFolder(): string {
  return configured("VLLM_SERVING_CACHE") ?? folders.cache;
}

/** Absolute, because other processes with another working folder use it too. */
function configured(variable: string): string | undefined {
  const value = process.env[variable];
  return value === undefined || value === "" ? undefined : resolve(value);
}
