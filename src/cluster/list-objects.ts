import { z } from "zod";
import { isMapping, type LiveObject } from "../manifests/platform/readiness";
import { ApiRequests, ClusterUnusable, contextConfig } from "./api-requests";
import { type KindOfGroup, type ServedKind, servedKinds } from "./served-kinds";

export { ClusterUnusable } from "./api-requests";

export interface ListRequest {
  /** File with the context. @default those of `KUBECONFIG`, else that in the home directory */
  kubeconfig?: string;
  context: string;
  /** Only what belongs to it. @default all namespaces, and what belongs to none */
  namespace?: string;
  kinds: readonly KindOfGroup[];
}

export interface ListedObjects {
  objects: LiveObject[];
  unlisted: UnlistedKind[];
}

/** A kind that the cluster has and does not list for these credentials. */
export interface UnlistedKind extends KindOfGroup {
  reason: string;
}

const pageSize = 500;
/** An object of 10 kB each, which is much, is 500 MB. */
const mostObjects = 50_000;
/** How often a list is begun anew because the server forgot where it was. */
const mostBeginnings = 5;

/**
 * Lists objects of a cluster. Kinds that it does not have are left out; those that the credentials do not allow are named.
 *
 * @throws ClusterUnusable where nothing at all can be listed, or more than can be held
 */
export async function listObjects({ kubeconfig, context, namespace, kinds }: ListRequest): Promise<ListedObjects> {
  const api = new ApiRequests(contextConfig(kubeconfig, context));
  const served = (await servedKinds(api, kinds)).filter(({ namespaced }) => namespaced || namespace === undefined);
  const objects: LiveObject[] = [];
  const unlisted: UnlistedKind[] = [];
  for (const kind of served) {
    const listed = await listKind(api, kind, namespace, mostObjects - objects.length);
    if (typeof listed === "string") unlisted.push({ group: kind.group, kind: kind.kind, reason: listed });
    else objects.push(...listed);
  }
  const [first] = unlisted;
  if (first !== undefined && unlisted.length === served.length)
    throw new ClusterUnusable(`Nothing can be listed in context ${context}. ${first.kind}: ${first.reason}`);
  return { objects, unlisted };
}

const listSchema = z.object({
  metadata: z.object({ continue: z.string().optional() }).default({}),
  items: z.array(z.record(z.string(), z.unknown())).nullable(),
});

/** @returns the objects, or why they cannot be listed */
async function listKind(
  api: ApiRequests,
  kind: ServedKind,
  namespace: string | undefined,
  most: number,
): Promise<LiveObject[] | string> {
  const place = namespace === undefined ? kind.root : `${kind.root}/namespaces/${encodeURIComponent(namespace)}`;
  let objects: LiveObject[] = [];
  let beginnings = 1;
  for (let from: string | undefined; ; ) {
    const query = new URLSearchParams({ limit: `${pageSize}`, ...(from === undefined ? {} : { continue: from }) });
    const { status, body } = await api.get(`${place}/${kind.plural}?${query}`);
    if (status === 410 && beginnings < mostBeginnings) {
      // The server forgets a list after some minutes: what was read of it may be gone.
      [objects, from] = [[], undefined];
      beginnings++;
      continue;
    }
    const page = listSchema.safeParse(body);
    if (status !== 200 || !page.success) return reasonOf(status, body);
    for (const item of page.data.items ?? []) objects.push(asWritten(kind, item));
    if (objects.length > most)
      throw new ClusterUnusable(`There are more than ${mostObjects} objects: lint one namespace after the other.`);
    from = page.data.metadata.continue;
    if (from === undefined || from === "") return objects;
  }
}

function reasonOf(status: number, body: unknown): string {
  const message = isMapping(body) && typeof body.message === "string" ? body.message : "no list";
  return status === 403 ? `not allowed to list: ${message}` : `the server answers ${status}: ${message}`;
}

const ofServer = ["creationTimestamp", "generation", "managedFields", "resourceVersion", "selfLink", "uid"];
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration";

/** An object without what the server and controllers have added: its status, and who wrote what when. */
function asWritten({ apiVersion, kind }: ServedKind, { status: _, metadata, ...item }: LiveObject): LiveObject {
  const { annotations, ...rest } = isMapping(metadata) ? metadata : {};
  const kept = Object.entries(rest).filter(([key]) => !ofServer.includes(key));
  const own = isMapping(annotations) ? Object.entries(annotations).filter(([key]) => key !== lastApplied) : [];
  return {
    ...item,
    // Items of a list do not say what they are.
    apiVersion,
    kind,
    metadata: { ...Object.fromEntries(kept), ...(own.length > 0 && { annotations: Object.fromEntries(own) }) },
  };
}
