import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import type { KubeConfig } from "@kubernetes/client-node";
import { ApiError, NoSuchKindError, parseWarnings } from "./api-error";
import { at, isObject, type Json, type JsonObject, objectsAt, stringAt, toJsonObject } from "./json";

/** Longer than an admission webhook may take, which is 30 seconds. */
const requestTimeoutMilliseconds = 60_000;
/** client-go's `maxRetries` of a request (rest/request.go). */
const retriesWhenTold = 10;

interface ApiAnswer {
  body: JsonObject;
  /** The body as sent. */
  text: string;
  /** What the API server warns of, such as fields it does not know. */
  warnings: string[];
}

interface RequestOptions {
  query?: Record<string, string>;
  content?: { type: string; body: Json };
  timeoutMilliseconds?: number;
}

/** Where a kind is served. */
interface ServedKind {
  path: string;
  plural: string;
  namespaced: boolean;
}

/** What of an object says where it is. */
export interface ObjectAddress {
  apiVersion: string;
  kind: string;
  namespace: string;
  name: string;
}

export function addressOf(object: JsonObject): ObjectAddress {
  return {
    apiVersion: stringAt(object, "apiVersion"),
    kind: stringAt(object, "kind"),
    namespace: stringAt(object, "metadata", "namespace"),
    name: stringAt(object, "metadata", "name"),
  };
}

/**
 * The Kubernetes API on objects of any kind. Requests are written by hand because the client library's generic one
 * neither sends deletion options and `fieldManager` together nor gives the warnings back.
 */
export class ApiClient {
  private readonly servedKinds = new Map<string, ServedKind>();

  constructor(private readonly config: KubeConfig) {}

  /** @throws Error when the API server does not answer, or refuses these credentials. */
  async checkReachable(): Promise<void> {
    await this.request("GET", "/apis", { timeoutMilliseconds: 15_000 });
  }

  /** @throws NoSuchKindError */
  async servedKind(apiVersion: string, kind: string): Promise<ServedKind> {
    const key = `${apiVersion}/${kind}`;
    const known = this.servedKinds.get(key);
    if (known !== undefined) return known;
    const path = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    for (const resource of await this.resourcesAt(path)) {
      const plural = stringAt(resource, "name");
      if (plural.includes("/")) continue;
      this.servedKinds.set(`${apiVersion}/${stringAt(resource, "kind")}`, {
        path,
        plural,
        namespaced: resource.namespaced === true,
      });
    }
    const found = this.servedKinds.get(key);
    if (found === undefined) throw new NoSuchKindError(apiVersion, kind);
    return found;
  }

  async get(address: ObjectAddress): Promise<JsonObject> {
    return (await this.request("GET", await this.objectPath(address))).body;
  }

  /** All objects of a kind in a namespace. */
  async list(apiVersion: string, kind: string, namespace: string): Promise<JsonObject[]> {
    const path = await this.collectionPath({ apiVersion, kind, namespace, name: "" });
    return objectsAt((await this.request("GET", path)).body, "items");
  }

  /**
   * The states of an object after a version, its last included, as far as the API server remembers them. A short watch from that
   * version tells them: asking now and then alone misses what is deleted at once.
   */
  async statesSince(address: ObjectAddress, resourceVersion: string): Promise<JsonObject[]> {
    const fieldSelector = `metadata.name=${address.name}`;
    const { text } = await this.request("GET", await this.collectionPath(address), {
      query: { watch: "true", timeoutSeconds: "1", resourceVersion, fieldSelector },
    });
    const states = text.split("\n").map((event) => at(parseObject(event), "object"));
    return states.filter(isObject).filter((state) => stringAt(state, "kind") === address.kind);
  }

  async create(object: JsonObject, fieldManager: string, dryRun: boolean): Promise<ApiAnswer> {
    const path = await this.collectionPath(addressOf(object));
    return this.request("POST", path, {
      query: { fieldManager, ...dryRunQuery(dryRun) },
      content: { type: "application/json", body: object },
    });
  }

  async replace(object: JsonObject, fieldManager: string, dryRun: boolean): Promise<ApiAnswer> {
    return this.request("PUT", await this.objectPath(addressOf(object)), {
      query: { fieldManager, ...dryRunQuery(dryRun) },
      content: { type: "application/json", body: object },
    });
  }

  /** Server-side apply. */
  async apply(object: JsonObject, fieldManager: string, force: boolean, dryRun: boolean): Promise<ApiAnswer> {
    return this.request("PATCH", await this.objectPath(addressOf(object)), {
      query: { fieldManager, force: String(force), ...dryRunQuery(dryRun) },
      content: { type: "application/apply-patch+yaml", body: object },
    });
  }

  async patch(address: ObjectAddress, operations: Json[]): Promise<JsonObject> {
    const content = { type: "application/json-patch+json", body: operations };
    return (await this.request("PATCH", await this.objectPath(address), { content })).body;
  }

  async delete(address: ObjectAddress, propagationPolicy: string): Promise<void> {
    await this.request("DELETE", await this.objectPath(address), {
      content: { type: "application/json", body: { apiVersion: "v1", kind: "DeleteOptions", propagationPolicy } },
    });
  }

  private async resourcesAt(path: string): Promise<JsonObject[]> {
    try {
      return objectsAt((await this.request("GET", path)).body, "resources");
    } catch (error) {
      if (error instanceof ApiError && error.code === 404) return [];
      throw error;
    }
  }

  private async collectionPath({ apiVersion, kind, namespace }: ObjectAddress): Promise<string> {
    const served = await this.servedKind(apiVersion, kind);
    return served.namespaced
      ? `${served.path}/namespaces/${encodeURIComponent(namespace || "default")}/${served.plural}`
      : `${served.path}/${served.plural}`;
  }

  private async objectPath(address: ObjectAddress): Promise<string> {
    return `${await this.collectionPath(address)}/${encodeURIComponent(address.name)}`;
  }

  /** Asks again when told to, as client-go does: while the storage of a new kind starts, for one. */
  private async request(method: string, path: string, options: RequestOptions = {}): Promise<ApiAnswer> {
    for (let triesLeft = retriesWhenTold; ; triesLeft--) {
      try {
        return await this.send(method, path, options);
      } catch (error) {
        const told = error instanceof ApiError ? error.retryAfterSeconds : undefined;
        if (told === undefined || triesLeft === 0) throw error;
        await sleep(told * 1000);
      }
    }
  }

  private async send(method: string, path: string, options: RequestOptions): Promise<ApiAnswer> {
    const url = new URL((this.config.getCurrentCluster()?.server ?? "").replace(/\/$/, "") + path);
    for (const [key, value] of Object.entries(options.query ?? {})) url.searchParams.set(key, value);
    const body = options.content && Buffer.from(JSON.stringify(options.content.body));
    const requestOptions = {
      method,
      headers: {
        accept: "application/json",
        ...(options.content && { "content-type": options.content.type }),
        ...(body && { "content-length": body.length }),
      },
    };
    await this.config.applyToHTTPSOptions(requestOptions);
    const timeout = options.timeoutMilliseconds ?? requestTimeoutMilliseconds;
    return new Promise((resolve, reject) => {
      const send = url.protocol === "http:" ? httpRequest : httpsRequest;
      const call = send(url, requestOptions, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString("utf8");
          const answer = parseObject(text);
          const code = response.statusCode ?? 0;
          if (code >= 400) reject(ApiError.fromStatus(code, answer, text, response.headers["retry-after"]));
          else resolve({ body: answer, text, warnings: parseWarnings(response.headers.warning) });
        });
      });
      call.on("error", (error) => reject(new Error(`${method} ${url.origin}${path}: ${error.message || error.name}`)));
      call.setTimeout(timeout, () => call.destroy(new Error(`no answer within ${timeout / 1000} seconds`)));
      call.end(body);
    });
  }
}

function dryRunQuery(dryRun: boolean): Record<string, string> {
  return dryRun ? { dryRun: "All" } : {};
}

function parseObject(text: string): JsonObject {
  try {
    const value: Json = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return toJsonObject(undefined);
  }
}
