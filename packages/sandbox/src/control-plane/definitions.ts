import { readFileSync } from "node:fs";
import type { KubeConfig } from "@kubernetes/client-node";
import { z } from "zod";
import { fieldManager, requestApi } from "./api-client";
import { startSeconds } from "./plane";
import { waitUntil } from "./wait";

/** Applies the CustomResourceDefinitions of these files, then waits until the API server serves and lists their kinds. */
export async function applyDefinitions(kubeConfig: KubeConfig, files: string[]): Promise<void> {
  const applied = await Promise.all(files.map((file) => applyDefinition(kubeConfig, readFileSync(file, "utf8"))));
  await definitionsServed(kubeConfig, applied);
}

/** Waits until the API server serves and lists the kinds of definitions it has taken. */
export async function definitionsServed(kubeConfig: KubeConfig, definitions: unknown[]): Promise<void> {
  const served = resourcesByVersion(definitions);
  await Promise.all([...served].map(([version, resources]) => resourcesServed(kubeConfig, version, resources)));
}

/**
 * Server-side apply as the text it is: the largest have 2 MB, and parsing them here would take longer than everything else.
 * @returns what the API server has made of it, as JSON.
 */
async function applyDefinition(kubeConfig: KubeConfig, yaml: string): Promise<unknown> {
  const name = /^ {2}name: (\S+)$/m.exec(yaml)?.[1];
  if (name === undefined) throw new Error("A CustomResourceDefinition without metadata.name.");
  const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${name}?fieldManager=${fieldManager}&force=true`;
  const response = await requestApi(kubeConfig, "PATCH", path, { type: "application/apply-patch+yaml", body: yaml });
  if (response.status >= 300) throw new Error(`CustomResourceDefinition ${name}: ${response.status} ${response.body}`);
  return JSON.parse(response.body);
}

const definition = z.object({
  spec: z.object({
    group: z.string(),
    names: z.object({ plural: z.string() }),
    versions: z.array(z.object({ name: z.string(), served: z.boolean() })),
  }),
});

/** Resources that definitions make, by `<group>/<version>`. */
export function resourcesByVersion(definitions: unknown[]): Map<string, string[]> {
  const resources = new Map<string, string[]>();
  for (const { spec } of z.array(definition).parse(definitions)) {
    for (const version of spec.versions.filter(({ served }) => served)) {
      const key = `${spec.group}/${version.name}`;
      resources.set(key, [...(resources.get(key) ?? []), spec.names.plural]);
    }
  }
  return resources;
}

const resourceList = z.object({ resources: z.array(z.object({ name: z.string() })) });

/**
 * An established definition is listed only a moment later. Clients look there for a kind, and some, such as KServe's
 * controller, only once.
 */
async function resourcesServed(kubeConfig: KubeConfig, version: string, wanted: string[]): Promise<void> {
  await waitUntil(`${wanted.join(", ")} of ${version}`, startSeconds, async () => {
    const { status, body } = await requestApi(kubeConfig, "GET", `/apis/${version}`);
    if (status !== 200) return false;
    const listed = resourceList.parse(JSON.parse(body)).resources.map(({ name }) => name);
    return wanted.every((name) => listed.includes(name));
  });
}
