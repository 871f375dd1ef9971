import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { ClusterUnusable, listObjects } from "../../../src/cluster/list-objects";

const folder = mkdtempSync(join(tmpdir(), "list-objects-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Answer {
  status?: number;
  headers?: Record<string, string>;
  body: object;
}

/** Answers in the order they are asked for, the last one again and again; other paths are not there. */
const answers = new Map<string, Answer[]>();
let asked: string[] = [];
let server: Server;
let port = 0;

beforeEach(async () => {
  answers.clear();
  asked = [];
  server = createServer((request, response) => {
    const url = new URL(request.url ?? "", "http://localhost");
    asked.push(decodeURIComponent(`${url.pathname}${url.search}`));
    const left = answers.get(url.pathname) ?? [];
    const answer = left.length > 1 ? left.shift() : left[0];
    const { status = 200, headers = {}, body } = answer ?? { status: 404, body: { message: "not found" } };
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ({ port } = server.address() as AddressInfo);
  answers.set("/apis", [
    {
      body: {
        groups: [group("apps", "v1"), group("autoscaling", "v2", "v1"), group("http.keda.sh", "v1beta1", "v1alpha1")],
      },
    },
  ]);
  answers.set("/api/v1", [resources({ name: "persistentvolumes", kind: "PersistentVolume", namespaced: false })]);
  answers.set("/apis/apps/v1", [
    resources({ name: "deployments", kind: "Deployment" }, { name: "deployments/scale", kind: "Deployment" }),
  ]);
  answers.set("/apis/http.keda.sh/v1beta1", [resources({ name: "interceptorroutes", kind: "InterceptorRoute" })]);
  answers.set("/apis/http.keda.sh/v1alpha1", [resources({ name: "httpscaledobjects", kind: "HTTPScaledObject" })]);
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

function group(name: string, ...versions: string[]) {
  const listed = versions.map((version) => ({ groupVersion: `${name}/${version}` }));
  return { name, preferredVersion: listed[0], versions: listed };
}

function resources(...given: { name: string; kind: string; namespaced?: boolean }[]): Answer {
  return { body: { resources: given.map((one) => ({ namespaced: true, verbs: ["get", "list"], ...one })) } };
}

const named = (...names: string[]) => names.map((name) => ({ metadata: { name, namespace: "models" } }));
const deployments = { group: "apps", kind: "Deployment" };
const routes = { group: "http.keda.sh", kind: "InterceptorRoute" };
const httpObjects = { group: "http.keda.sh", kind: "HTTPScaledObject" };

function kubeconfig(server = `http://127.0.0.1:${port}`, user: object = {}): string {
  const path = join(folder, "kubeconfig");
  const config = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "other",
    clusters: [{ name: "a", cluster: { server, "insecure-skip-tls-verify": true } }],
    users: [{ name: "a", user }],
    contexts: ["test", "other"].map((name) => ({ name, context: { cluster: "a", user: "a" } })),
  };
  writeFileSync(path, JSON.stringify(config));
  return path;
}

async function list(kinds: { group: string; kind: string }[], namespace?: string) {
  const only = namespace === undefined ? {} : { namespace };
  return listObjects({ kubeconfig: kubeconfig(), context: "test", kinds, ...only });
}

async function refusal(request: Partial<Parameters<typeof listObjects>[0]>): Promise<string> {
  const error = await listObjects({
    context: "test",
    kinds: [deployments],
    ...request,
    kubeconfig: request.kubeconfig ?? kubeconfig(),
  }).catch((thrown: unknown) => thrown);
  if (!(error instanceof ClusterUnusable)) throw new Error(`not refused: ${error}`);
  return error.message;
}

describe("objects of a cluster", () => {
  it("are listed page after page, and say what they are", async () => {
    answers.set("/apis/apps/v1/deployments", [
      { body: { metadata: { continue: "next" }, items: named("a", "b") } },
      { body: { metadata: {}, items: named("c") } },
    ]);
    const { objects, unlisted } = await list([deployments]);
    expect(objects).toEqual(
      named("a", "b", "c").map((object) => ({ apiVersion: "apps/v1", kind: "Deployment", ...object })),
    );
    expect(unlisted).toEqual([]);
    expect(asked.slice(-2)).toEqual([
      "/apis/apps/v1/deployments?limit=500",
      "/apis/apps/v1/deployments?limit=500&continue=next",
    ]);
  });

  it("are listed anew where the server has forgotten the list", async () => {
    answers.set("/apis/apps/v1/deployments", [
      { body: { metadata: { continue: "next" }, items: named("gone", "a") } },
      { status: 410, body: { reason: "Expired" } },
      { body: { items: named("a", "b") } },
    ]);
    const { objects } = await list([deployments]);
    expect(objects.map(({ metadata }) => metadata)).toEqual(named("a", "b").map(({ metadata }) => metadata));
  });

  it("are not listed anew for ever", async () => {
    answers.set("/apis/apps/v1/deployments", [{ status: 410, body: { message: "too old" } }]);
    expect(await refusal({})).toBe(
      "Nothing can be listed in context test. Deployment: the server answers 410: too old",
    );
    expect(asked.filter((path) => path.includes("deployments"))).toHaveLength(5);
  });

  it("are of the version that has their kind, and of kinds the cluster has", async () => {
    answers.set("/apis/http.keda.sh/v1beta1/interceptorroutes", [{ body: { items: named("route") } }]);
    answers.set("/apis/http.keda.sh/v1alpha1/httpscaledobjects", [{ body: { items: named("old") } }]);
    const { objects } = await list([routes, httpObjects, { group: "keda.sh", kind: "ScaledObject" }]);
    expect(objects.map(({ apiVersion, kind }) => [apiVersion, kind])).toEqual([
      ["http.keda.sh/v1beta1", "InterceptorRoute"],
      ["http.keda.sh/v1alpha1", "HTTPScaledObject"],
    ]);
  });

  it("are those of one namespace, without those of none", async () => {
    answers.set("/apis/apps/v1/namespaces/models/deployments", [{ body: { items: named("a") } }]);
    const { objects } = await list([{ group: "", kind: "PersistentVolume" }, deployments], "models");
    expect(objects).toHaveLength(1);
    expect(asked.filter((path) => path.includes("persistentvolumes"))).toEqual([]);
  });

  it("come without what the server and controllers added", async () => {
    const metadata = {
      name: "a",
      namespace: "models",
      uid: "1",
      resourceVersion: "2",
      generation: 3,
      creationTimestamp: "2026-01-01T00:00:00Z",
      managedFields: [{ manager: "kubectl" }],
      labels: { app: "a" },
      annotations: { "kubectl.kubernetes.io/last-applied-configuration": "{}", team: "x" },
    };
    answers.set("/apis/apps/v1/deployments", [
      { body: { items: [{ metadata, spec: { paused: true }, status: { replicas: 1 } }] } },
    ]);
    expect((await list([deployments])).objects).toEqual([
      {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name: "a", namespace: "models", labels: { app: "a" }, annotations: { team: "x" } },
        spec: { paused: true },
      },
    ]);
  });

  it("are asked for again when a busy server says when", async () => {
    answers.set("/apis/apps/v1/deployments", [
      { status: 429, headers: { "retry-after": "0" }, body: {} },
      { body: { items: named("a") } },
    ]);
    expect((await list([deployments])).objects).toHaveLength(1);
  });
});

describe("what may not be listed", () => {
  const forbidden: Answer = { status: 403, body: { message: 'User "x" cannot list resource' } };

  it("is named beside the rest", async () => {
    answers.set("/apis/apps/v1/deployments", [forbidden]);
    answers.set("/apis/http.keda.sh/v1beta1/interceptorroutes", [{ body: { items: named("route") } }]);
    const { objects, unlisted } = await list([deployments, routes]);
    expect(objects).toHaveLength(1);
    expect(unlisted).toEqual([{ ...deployments, reason: 'not allowed to list: User "x" cannot list resource' }]);
  });

  it("is an error where it is all", async () => {
    answers.set("/apis/apps/v1/deployments", [forbidden]);
    expect(await refusal({})).toBe(
      'Nothing can be listed in context test. Deployment: not allowed to list: User "x" cannot list resource',
    );
  });
});

describe("one sentence says", () => {
  it("that there is no such context", async () => {
    const path = kubeconfig();
    expect(await refusal({ context: "prod" })).toBe(`${path}: There is no context prod. It has other, test.`);
  });

  it("that there is no such file, or that it is no kubeconfig, without what is in it", async () => {
    expect(await refusal({ kubeconfig: "missing" })).toBe("missing: There is no such kubeconfig.");
    const path = join(folder, "broken");
    writeFileSync(path, "users: [{token: secret");
    expect(await refusal({ kubeconfig: path })).toBe(`${path}: It is no kubeconfig.`);
  });

  it("that nothing listens", async () => {
    const path = kubeconfig("http://127.0.0.1:1");
    expect(await refusal({ kubeconfig: path })).toMatch(/^http:\/\/127.0.0.1:1 cannot be reached: .*ECONNREFUSED.*\.$/);
  });

  it("that the credentials are refused", async () => {
    answers.set("/apis", [{ status: 401, body: { message: "Unauthorized" } }]);
    expect(await refusal({})).toBe(`http://127.0.0.1:${port} refuses the credentials of context test: log in again.`);
  });

  it("that a plugin gives no credentials", async () => {
    const exec = { apiVersion: "client.authentication.k8s.io/v1", command: "no-such-plugin", interactiveMode: "Never" };
    expect(await refusal({ kubeconfig: kubeconfig(undefined, { exec }) })).toMatch(
      /^The credentials of context test cannot be had: .*no-such-plugin/,
    );
  });
});
