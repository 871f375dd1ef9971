import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ClusterView } from "../../../../packages/sandbox/src/observe/cluster-view";

/** One server that is both the API server and Prometheus: what is asked for by path, or 404. */
const answers: Record<string, unknown> = {};
let asked: string[] = [];
let server: Server;
let directory: string;
let view: ClusterView;

beforeEach(async () => {
  for (const path of Object.keys(answers)) delete answers[path];
  asked = [];
  server = createServer((request, response) => {
    const url = new URL(request.url ?? "", "http://localhost");
    const query = url.searchParams.get("query");
    asked.push(query ?? `${url.pathname}${url.search}`);
    const answer = answers[query ?? url.pathname];
    response.writeHead(answer === undefined ? 404 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(answer ?? { kind: "Status", code: 404, message: "not found" }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  directory = mkdtempSync(join(tmpdir(), "cluster-view-"));
  const kubeconfig = join(directory, "kubeconfig.yaml");
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      clusters: [{ name: "c", cluster: { server: url, "insecure-skip-tls-verify": true } }],
      users: [{ name: "u", user: {} }],
      contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
      "current-context": "x",
    }),
  );
  view = new ClusterView({ kubeconfig, prometheus: url, namespace: "llm", deployment: "llama", model: 'll"ama' });
});

afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(directory, { recursive: true });
});

const matchers = 'namespace="llm",model_name="ll\\"ama"';
const running = `sum(vllm:num_requests_running{${matchers}})`;
const waiting = `sum(vllm:num_requests_waiting{${matchers}})`;
const median = `1000 * histogram_quantile(0.5, sum by (le) (rate(vllm:inter_token_latency_seconds_bucket{${matchers}}[30s])))`;
const vector = (value?: string) => ({ data: { result: value === undefined ? [] : [{ value: [1, value] }] } });
const deploymentPath = "/apis/apps/v1/namespaces/llm/deployments/llama";
const podsPath = "/api/v1/namespaces/llm/pods";

describe("ClusterView", () => {
  it("samples the Deployment, its pods and the metrics", async () => {
    answers[deploymentPath] = {
      spec: { replicas: 3, selector: { matchLabels: { app: "vllm", instance: "llama" } } },
      status: { readyReplicas: 2 },
    };
    answers[podsPath] = {
      items: [{ metadata: {}, status: { conditions: [{ type: "PodScheduled", status: "False" }] } }],
    };
    answers[running] = vector("12");
    answers[waiting] = vector("1");
    answers[median] = vector("62.5");

    expect(await view.sample()).toEqual({
      desired: 3,
      ready: 2,
      pending: 1,
      unscheduled: 1,
      running: 12,
      waiting: 1,
      itlP50Ms: 62.5,
    });
    expect(asked).toContain(`${podsPath}?labelSelector=app%3Dvllm%2Cinstance%3Dllama`);
  });

  it("samples zeros before the Deployment and the metrics are there", async () => {
    answers[running] = vector();
    answers[waiting] = vector();
    answers[median] = vector("NaN");
    expect(await view.sample()).toEqual({ desired: 0, ready: 0, pending: 0, unscheduled: 0, running: 0, waiting: 0 });
  });

  it("names the query that Prometheus refuses", async () => {
    await expect(view.sample()).rejects.toThrow(`Prometheus answered 404 to ${running}`);
  });

  it("tells which objects are there", async () => {
    answers["/api/v1"] = { resources: [{ kind: "Namespace", name: "namespaces", namespaced: false }] };
    answers["/apis/apps/v1"] = { resources: [{ kind: "Deployment", name: "deployments", namespaced: true }] };
    answers["/api/v1/namespaces/llm"] = { apiVersion: "v1", kind: "Namespace", metadata: { name: "llm" } };
    const namespace = { apiVersion: "v1", kind: "Namespace", name: "llm" };
    const deployment = { apiVersion: "apps/v1", kind: "Deployment", name: "llama", namespace: "llm" };
    expect(await view.existing([deployment, namespace])).toEqual([namespace]);
  });

  it("reads the events of the namespace", async () => {
    answers["/apis/events.k8s.io/v1/namespaces/llm/events"] = {
      items: [{ metadata: { uid: "u" }, eventTime: "1970-01-01T00:00:01.000000Z", reason: "Scheduled", note: "to n1" }],
    };
    expect(await view.events()).toMatchObject([{ uid: "u", at: 1000, reason: "Scheduled", note: "to n1" }]);
  });
});
