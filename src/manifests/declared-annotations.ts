import { annotations } from "./annotations";
import { startupParts } from "./start-up";
import type { VllmServerOptions } from "./vllm-server-options";

/** What the scaling policy was derived from, as annotations. */
export function declaredAnnotations<S>(options: VllmServerOptions<S>): Record<string, string> {
  const startup = startupParts(options.startup);
  const result: Record<string, string> = {
    [annotations.imagePullSeconds]: String(startup.imagePullSeconds),
    [annotations.loadSeconds]: String(startup.loadSeconds),
    [annotations.compileSeconds]: String(startup.compileSeconds),
  };
  if (options.capacityProfileId !== undefined) {
    result[annotations.capacityProfile] = options.capacityProfileId;
  }
  if (options.meanPromptTokens !== undefined) {
    result[annotations.meanPromptTokens] = String(options.meanPromptTokens);
  }
  if (options.meanOutputTokens !== undefined) {
    result[annotations.meanOutputTokens] = String(options.meanOutputTokens);
  }
  return result;
}
