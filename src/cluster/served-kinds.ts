import { z } from "zod";
import { type ApiRequests, ClusterUnusable } from "./api-requests";

/** A kind whatever its version. */
export interface KindOfGroup {
  /** Empty for the core group. */
  group: string;
  kind: string;
}

/** A kind as the API server serves it. */
export interface ServedKind extends KindOfGroup {
  apiVersion: string;
  /** Of its lists, below `/api` or `/apis`. */
  root: string;
  plural: string;
  namespaced: boolean;
}

const version = z.object({ groupVersion: z.string() });
const groupList = z.object({
  groups: z.array(z.object({ name: z.string(), preferredVersion: version.optional(), versions: z.array(version) })),
});
const resourceList = z.object({
  resources: z.array(
    z.object({ name: z.string(), kind: z.string(), namespaced: z.boolean(), verbs: z.array(z.string()).default([]) }),
  ),
});

/** Those of the kinds that can be listed, each in the version that the server prefers of those that have it. */
export async function servedKinds(api: ApiRequests, kinds: readonly KindOfGroup[]): Promise<ServedKind[]> {
  const { status, body } = await api.get("/apis");
  const found = groupList.safeParse(body);
  if (status !== 200 || !found.success)
    throw new ClusterUnusable(`The server answers ${status} to the question which kinds it has.`);
  const served = new Map<string, ServedKind>();
  for (const group of new Set(kinds.map((kind) => kind.group))) {
    const listed = found.data.groups.find(({ name }) => name === group);
    const versions =
      group === ""
        ? ["v1"]
        : [listed?.preferredVersion, ...(listed?.versions ?? [])].flatMap((of) => of?.groupVersion ?? []);
    for (const apiVersion of new Set(versions)) {
      for (const kind of await kindsOf(api, group, apiVersion)) {
        const key = keyOf(kind);
        if (!served.has(key)) served.set(key, kind);
      }
    }
  }
  return kinds.flatMap((kind) => served.get(keyOf(kind)) ?? []);
}

function keyOf({ group, kind }: KindOfGroup): string {
  return `${group}/${kind}`;
}

/** None where an aggregated API does not answer at the moment. */
async function kindsOf(api: ApiRequests, group: string, apiVersion: string): Promise<ServedKind[]> {
  const root = group === "" ? `/api/${apiVersion}` : `/apis/${apiVersion}`;
  const { body } = await api.get(root);
  const resources = resourceList.safeParse(body).data?.resources ?? [];
  return resources
    .filter(({ name, verbs }) => !name.includes("/") && verbs.includes("list"))
    .map(({ name: plural, kind, namespaced }) => ({ group, kind, apiVersion, root, plural, namespaced }));
}
