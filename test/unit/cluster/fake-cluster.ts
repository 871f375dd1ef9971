import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { isMapping } from "../../../src/manifests/platform/readiness";

/** Kinds it serves, by `<group>/<version>`, or the version alone for the core group. */
const kinds: Record<string, { name: string; kind: string; namespaced: boolean }[]> = {
  v1: [{ name: "configmaps", kind: "ConfigMap", namespaced: true }],
  "apps/v1": [{ name: "deployments", kind: "Deployment", namespaced: true }],
  "operators.coreos.com/v1": [{ name: "operatorgroups", kind: "OperatorGroup", namespaced: true }],
  "operators.coreos.com/v1alpha1": [
    { name: "subscriptions", kind: "Subscription", namespaced: true },
    { name: "installplans", kind: "InstallPlan", namespaced: true },
    { name: "clusterserviceversions", kind: "ClusterServiceVersion", namespaced: true },
  ],
};

export interface StoredObject {
  apiVersion?: string;
  kind?: string;
  metadata: { name: string; namespace?: string; resourceVersion?: string; annotations?: Record<string, string> };
  [field: string]: unknown;
}

/** Just enough of an API server to see what a client asks for: reads, writes with optimistic locking, merges, deletions. */
export class FakeCluster {
  /** By `<kind> <namespace>/<name>`. */
  readonly objects = new Map<string, StoredObject>();
  /** What was written, as `<verb> <kind> <namespace>/<name>`. */
  readonly writes: string[] = [];
  /** Called before each write, as somebody who is faster. */
  beforeWrite: (write: string) => void = () => {};
  /** Called after each request, as a controller that does its work. */
  afterRequest: () => void = () => {};
  /** Answers every request for this kind with 403. */
  forbidden: string | undefined;
  private readonly server: Server;
  private version = 1;

  constructor() {
    this.server = createServer((request, response) => {
      void this.answer(request).then(({ status, body }) => {
        response.writeHead(status, { "content-type": "application/json" });
        response.end(JSON.stringify(body));
      });
    });
  }

  async listen(): Promise<void> {
    await new Promise<void>((done) => this.server.listen(0, "127.0.0.1", done));
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  get kubeconfig(): string {
    const address: AddressInfo | string | null = this.server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    return JSON.stringify({
      apiVersion: "v1",
      kind: "Config",
      "current-context": "fake",
      contexts: [{ name: "fake", context: { cluster: "fake", user: "fake" } }],
      clusters: [{ name: "fake", cluster: { server: `http://127.0.0.1:${port}`, "insecure-skip-tls-verify": true } }],
      users: [{ name: "fake", user: {} }],
    });
  }

  put(kind: string, object: StoredObject): void {
    this.version += 1;
    const creationTimestamp = "2026-01-01T00:00:00Z";
    const metadata = { creationTimestamp, ...object.metadata, resourceVersion: String(this.version) };
    this.objects.set(`${kind} ${object.metadata.namespace ?? ""}/${object.metadata.name}`, { ...object, metadata });
  }

  private async answer(request: IncomingMessage): Promise<{ status: number; body: unknown }> {
    const url = new URL(request.url ?? "", "http://fake");
    const [, prefix, ...rest] = url.pathname.split("/");
    const apiVersion = prefix === "api" ? rest.shift() : `${rest.shift()}/${rest.shift()}`;
    const resources = kinds[apiVersion ?? ""];
    if (resources === undefined) return failure(404, "the server could not find the requested resource");
    if (rest.length === 0) return { status: 200, body: { kind: "APIResourceList", resources } };
    const namespace = rest[0] === "namespaces" ? rest.splice(0, 2)[1] : undefined;
    const [plural, name] = rest;
    const kind = resources.find((one) => one.name === plural)?.kind;
    if (kind === undefined) return failure(404, "no such kind");
    if (kind === this.forbidden) return failure(403, `${plural} is forbidden`);
    const answer = this.serve(request.method ?? "", kind, apiVersion ?? "", namespace, name, await bodyOf(request));
    this.afterRequest();
    return answer;
  }

  private serve(
    method: string,
    kind: string,
    apiVersion: string,
    namespace: string | undefined,
    name: string | undefined,
    body: StoredObject | undefined,
  ): { status: number; body: unknown } {
    if (method === "GET" && name === undefined) {
      const items = [...this.objects]
        .filter(([key]) => key.startsWith(`${kind} ${namespace === undefined ? "" : `${namespace}/`}`))
        .map(([, object]) => object);
      return { status: 200, body: { apiVersion, kind: `${kind}List`, metadata: {}, items } };
    }
    const key = `${kind} ${namespace ?? ""}/${name ?? body?.metadata.name}`;
    if (method !== "GET") {
      this.beforeWrite(`${method} ${key}`);
      this.writes.push(`${method} ${key}`);
    }
    const stored = this.objects.get(key);
    if (method === "POST") {
      if (stored !== undefined) return failure(409, "already exists");
      if (body !== undefined) this.put(kind, { apiVersion, kind, ...body });
      return { status: 201, body: this.objects.get(key) };
    }
    if (stored === undefined) return failure(404, `${key} not found`);
    if (method === "DELETE") {
      this.objects.delete(key);
      return { status: 200, body: { kind: "Status", status: "Success" } };
    }
    const expected = body?.metadata.resourceVersion;
    if (expected !== undefined && expected !== stored.metadata.resourceVersion) {
      return failure(409, "the object has been modified");
    }
    if (method === "PATCH" && body !== undefined) this.put(kind, merged(stored, body));
    return { status: 200, body: this.objects.get(key) };
  }
}

function failure(code: number, message: string): { status: number; body: unknown } {
  return { status: code, body: { kind: "Status", status: "Failure", code, message } };
}

async function bodyOf(request: IncomingMessage): Promise<StoredObject | undefined> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const text = Buffer.concat(chunks).toString("utf8");
  return text === "" ? undefined : JSON.parse(text);
}

/** A merge patch of what the tests write: mappings two deep. */
function merged(stored: StoredObject, patch: StoredObject): StoredObject {
  const both = (field: "spec" | "data") => ({
    ...(isMapping(stored[field]) ? stored[field] : {}),
    ...(isMapping(patch[field]) ? patch[field] : {}),
  });
  const metadata = { ...stored.metadata, ...patch.metadata };
  return { ...stored, metadata, spec: both("spec"), data: both("data") };
}
