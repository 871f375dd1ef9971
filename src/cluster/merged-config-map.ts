import { z } from "zod";
import { hasSettings, mergeYaml, unmergeYaml } from "../manifests/platform/merged-yaml";
import { fieldOf, isMapping, type LiveObject } from "../manifests/platform/readiness";
import { type ClusterApi, clusterApi, isConflict } from "./cluster-api";
import type { ClusterOperation, Properties } from "./operation";
import { poll } from "./poll";

const settingSchema = z.object({ path: z.array(z.string()), value: z.union([z.string(), z.number(), z.boolean()]) });

const inputsSchema = z.object({
  kubeconfig: z.string().optional(),
  timeoutSeconds: z.number(),
  configMap: z.object({ namespace: z.string(), name: z.string(), key: z.string() }),
  settings: z.array(settingSchema),
});
type Inputs = z.infer<typeof inputsSchema>;

const rememberedSchema = z.object({
  settings: z.array(settingSchema).default([]),
  former: z.array(z.object({ path: z.array(z.string()), value: z.unknown().optional() })).default([]),
  madeConfigMap: z.boolean().default(false),
});
type Remembered = z.infer<typeof rememberedSchema>;

/**
 * Some settings of a YAML document in a ConfigMap that others own. It is read, changed and written as one: when somebody
 * changes it in between, the API server refuses the write and it starts over with what they wrote.
 */
export const mergedConfigMap: ClusterOperation = {
  identity: ["configMap.namespace", "configMap.name", "configMap.key"],
  create: (inputs) => merge(inputsSchema.parse(inputs), rememberedSchema.parse({})),
  update: (outputs, inputs) => merge(inputsSchema.parse(inputs), rememberedSchema.parse(outputs)),
  async read(outputs) {
    const { kubeconfig, configMap, settings } = inputsSchema.parse(outputs);
    const live = await readConfigMap(clusterApi(kubeconfig), configMap);
    return { drifted: live === undefined || !hasSettings(textOf(live, configMap.key), settings) };
  },
  async delete(outputs) {
    await takeBack(inputsSchema.parse(outputs), rememberedSchema.parse(outputs));
  },
};

async function merge(inputs: Inputs, before: Remembered): Promise<Properties> {
  const { configMap, settings, timeoutSeconds } = inputs;
  const api = clusterApi(inputs.kubeconfig);
  return poll(title(configMap), timeoutSeconds, async () => {
    const live = await readConfigMap(api, configMap);
    const { text, former } = mergeYaml(textOf(live, configMap.key), settings, before.former, before.settings);
    const written = await write(api, configMap, live, text);
    return written ?? { former, madeConfigMap: before.madeConfigMap || live === undefined };
  });
}

async function takeBack(inputs: Inputs, { settings, former, madeConfigMap }: Remembered): Promise<void> {
  const { configMap, timeoutSeconds } = inputs;
  const api = clusterApi(inputs.kubeconfig);
  await poll(title(configMap), timeoutSeconds, async () => {
    const live = await readConfigMap(api, configMap);
    if (live === undefined) return {};
    const text = unmergeYaml(textOf(live, configMap.key), settings, former);
    if (madeConfigMap && text === "" && Object.keys(dataOf(live)).length === 1) {
      await api.delete({ apiVersion: "v1", kind: "ConfigMap", ...configMap });
      return {};
    }
    return (await write(api, configMap, live, text)) ?? {};
  });
}

/** @returns why it was not written, to be tried again */
async function write(
  api: ClusterApi,
  { namespace, name, key }: Inputs["configMap"],
  live: LiveObject | undefined,
  text: string,
): Promise<string | undefined> {
  const header = { apiVersion: "v1", kind: "ConfigMap" } as const;
  try {
    if (live === undefined) {
      await api.create({ ...header, metadata: { name, namespace }, data: { [key]: text } });
    } else if (textOf(live, key) !== text) {
      const resourceVersion = fieldOf(live, "metadata.resourceVersion");
      await api.merge({ ...header, metadata: { name, namespace, resourceVersion }, data: { [key]: text } });
    }
    return undefined;
  } catch (error) {
    if (isConflict(error)) return "somebody else changes it at the same time";
    throw error;
  }
}

function readConfigMap(api: ClusterApi, { namespace, name }: Inputs["configMap"]): Promise<LiveObject | undefined> {
  return api.read({ apiVersion: "v1", kind: "ConfigMap", namespace, name });
}

function textOf(live: LiveObject | undefined, key: string): string {
  const text = live === undefined ? undefined : dataOf(live)[key];
  return typeof text === "string" ? text : "";
}

function dataOf(live: LiveObject): Readonly<Record<string, unknown>> {
  const data = fieldOf(live, "data");
  return isMapping(data) ? data : {};
}

function title({ namespace, name }: Inputs["configMap"]): string {
  return `ConfigMap ${namespace}/${name}`;
}
