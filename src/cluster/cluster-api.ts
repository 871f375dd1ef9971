import { ApiException, KubeConfig, KubernetesObjectApi, PatchStrategy } from "@kubernetes/client-node";
import { isMapping, type LiveObject } from "../manifests/platform/readiness";

/** What an object is found by. */
export interface ObjectReference {
  apiVersion: string;
  kind: string;
  namespace?: string | undefined;
  name: string;
}

/** An object to write. */
export interface ObjectToWrite {
  apiVersion: string;
  kind: string;
  metadata: Readonly<Record<string, unknown>> & { name: string };
  [field: string]: unknown;
}

/** Few verbs on objects of any kind. What is not there, or has a kind that is not there yet, reads as `undefined`. */
export interface ClusterApi {
  read(reference: ObjectReference): Promise<LiveObject | undefined>;
  list(apiVersion: string, kind: string, namespace?: string): Promise<LiveObject[]>;
  create(object: ObjectToWrite): Promise<void>;
  /** Merges these fields into the object. With a `resourceVersion`, only if it is still the one that was read. */
  merge(object: ObjectToWrite): Promise<void>;
  /** Nothing happens if it is not there. */
  delete(reference: ObjectReference): Promise<void>;
}

const fieldManager = "vllm-serving";

/** Client for the current context of a kubeconfig; without one for `KUBECONFIG`, the home directory's, or the pod's own. */
export function clusterApi(kubeconfig: string | undefined): ClusterApi {
  const config = new KubeConfig();
  if (kubeconfig === undefined) {
    config.loadFromDefault();
  } else {
    config.loadFromString(kubeconfig);
  }
  const api = KubernetesObjectApi.makeApiClient(config);
  return {
    read: (reference) => orUndefined(async () => plain(await api.read(header(reference)))),
    list: async (apiVersion, kind, namespace) => {
      const listed = await orUndefined(() => api.list(apiVersion, kind, namespace));
      return (listed?.items ?? []).map((item) => plain({ apiVersion, kind, ...item }));
    },
    create: async (object) => {
      await api.create(object, undefined, undefined, fieldManager);
    },
    merge: async (object) => {
      await api.patch(object, undefined, undefined, fieldManager, undefined, PatchStrategy.MergePatch);
    },
    delete: async (reference) => {
      await orUndefined(() => api.delete(header(reference)));
    },
  };
}

/** Whether a kubeconfig leads anywhere: that of a preview without a cluster does not. */
export function namesCluster(kubeconfig: string): boolean {
  const config = new KubeConfig();
  try {
    config.loadFromString(kubeconfig);
    return config.getCurrentCluster() !== null;
  } catch {
    return false;
  }
}

/** Somebody changed or made the object in between. */
export function isConflict(error: unknown): boolean {
  return error instanceof ApiException && error.code === 409;
}

/** The credentials do not allow it, which waiting does not mend. */
export function isDenied(error: unknown): boolean {
  return error instanceof ApiException && (error.code === 401 || error.code === 403);
}

/** What the API server says, without the whole answer around it. */
export function reasonOf(error: unknown): string {
  if (error instanceof ApiException) {
    const body: unknown = typeof error.body === "string" ? parsedOrText(error.body) : error.body;
    const message = isMapping(body) && typeof body.message === "string" ? body.message : String(body);
    return `the API server answers ${error.code}: ${message}`;
  }
  return error instanceof Error ? error.message : String(error);
}

function parsedOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function header({ apiVersion, kind, namespace, name }: ObjectReference) {
  return { apiVersion, kind, metadata: namespace === undefined ? { name } : { name, namespace } };
}

async function orUndefined<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (isNotThere(error)) return undefined;
    throw error;
  }
}

/** The client has no type of its own for a kind that the API server does not list. */
function isNotThere(error: unknown): boolean {
  if (error instanceof ApiException) return error.code === 404;
  return error instanceof Error && error.message.startsWith("Unrecognized API version and kind");
}

/** The client makes dates of some fields; everything here compares texts. */
function plain(object: object): LiveObject {
  const copy: LiveObject = JSON.parse(JSON.stringify(object));
  return copy;
}
