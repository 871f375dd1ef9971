import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** Answers of an API server by path, changed while it runs; every other path is not there. */
export class FakeApiServer {
  readonly answers = new Map<string, object>();
  private readonly resources = new Map<string, object[]>();
  private readonly server: Server;

  constructor() {
    this.server = createServer((request, response) => {
      const path = new URL(request.url ?? "", "http://localhost").pathname;
      const answer = this.answers.get(path);
      response.writeHead(answer === undefined ? 404 : 200, { "content-type": "application/json" });
      response.end(JSON.stringify(answer ?? { kind: "Status", apiVersion: "v1", code: 404, message: "not found" }));
    });
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  get kubeconfig(): string {
    const { port } = this.server.address() as AddressInfo;
    return JSON.stringify({
      apiVersion: "v1",
      kind: "Config",
      "current-context": "fake",
      clusters: [{ name: "fake", cluster: { server: `http://127.0.0.1:${port}`, "insecure-skip-tls-verify": true } }],
      users: [{ name: "fake", user: {} }],
      contexts: [{ name: "fake", context: { cluster: "fake", user: "fake" } }],
    });
  }

  /** Says which kind a group has and which objects there are of it. */
  serve(
    groupVersion: string,
    plural: string,
    kind: string,
    objects: { namespace?: string; name: string; annotations?: object; ownerReferences?: object[] }[],
  ): void {
    const known = this.resources.get(groupVersion) ?? [];
    this.resources.set(groupVersion, [...known, { name: plural, kind, namespaced: true }]);
    this.answers.set(`/apis/${groupVersion}`, {
      kind: "APIResourceList",
      groupVersion,
      resources: this.resources.get(groupVersion),
    });
    this.answers.set(`/apis/${groupVersion}/${plural}`, { items: objects.map((metadata) => ({ metadata })) });
  }
}
