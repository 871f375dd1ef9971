import type { V1Pod } from "@kubernetes/client-node";
import { parseVllmFlags } from "./vllm-flags";
import { vllmContainer } from "./vllm-pod";

/** Values of a Secret by key, as text; `undefined` where it is not there. */
export type SecretReader = (namespace: string, name: string) => Promise<Record<string, string> | undefined>;

type ApiKeys = { keys: string[] } | { missing: string };

/**
 * The keys that a pod's vLLM takes: those of `--api-key`, else that of `VLLM_API_KEY` (vllm/entrypoints/openai/api_server.py); none if it
 * asks for none. As a kubelet does, a pod whose Secret is missing does not start.
 */
export async function apiKeysOf(pod: V1Pod, readSecret: SecretReader): Promise<ApiKeys> {
  const container = vllmContainer(pod);
  const { apiKeys } = parseVllmFlags([...(container?.command ?? []), ...(container?.args ?? [])]);
  const variable = container?.env?.find(({ name }) => name === "VLLM_API_KEY");
  if (apiKeys.length > 0 || variable === undefined) return { keys: apiKeys };
  const reference = variable.valueFrom?.secretKeyRef;
  if (reference === undefined) return { keys: variable.value ? [variable.value] : [] };
  const values = await readSecret(pod.metadata?.namespace ?? "", reference.name ?? "");
  const key = values?.[reference.key];
  if (key !== undefined) return { keys: key === "" ? [] : [key] };
  return reference.optional === true ? { keys: [] } : { missing: `key ${reference.key} of Secret ${reference.name}` };
}
