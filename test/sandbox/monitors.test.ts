import { EventsV1Api } from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { z } from "zod";
import { clientsOf, deleteNamespace, waitFor } from "./support/cluster";
import { queryPrometheus } from "./support/prometheus";

const sandbox = inject("sandbox");
const { kubeConfig, core, custom } = clientsOf(sandbox);

const namespace = "monitored";
const elsewhere = "monitored-elsewhere";
const labels = { app: "vllm" };

function create(
  kind: "PodMonitor" | "ServiceMonitor" | "PrometheusRule",
  name: string,
  spec: object,
  where = namespace,
) {
  const group = "monitoring.coreos.com";
  const body = { apiVersion: `${group}/v1`, kind, metadata: { name, namespace: where }, spec };
  const plural = `${kind.toLowerCase()}s`;
  return custom.createNamespacedCustomObject({ group, version: "v1", namespace: where, plural, body });
}

const podMonitor = (selector: object, port: string): object => ({
  selector: { matchLabels: selector },
  podMetricsEndpoints: [{ port, interval: "1s" }],
});

/** Jobs of monitors of these namespaces that scrape successfully, each once for every target. */
async function jobsUp(): Promise<string[]> {
  const up = await queryPrometheus(sandbox, `up{namespace=~"${namespace}.*"} == 1`);
  return up.map(({ metric }) => `${metric.job} ${metric.namespace}/${metric.pod}`).sort();
}

const jobNames = z.object({ data: z.object({ scrapePools: z.array(z.string()) }) });

beforeAll(async () => {
  for (const name of [namespace, elsewhere]) await core.createNamespace({ body: { metadata: { name } } });
  await core.createNamespacedPod({
    namespace,
    body: {
      metadata: { name: "vllm", labels },
      spec: {
        tolerations: [{ operator: "Exists" }],
        containers: [
          {
            name: "vllm",
            image: "vllm/vllm-openai:v0.30.0",
            args: ["--model=m", "--port=8000"],
            ports: [
              { name: "http", containerPort: 8000 },
              { name: "other", containerPort: 9000 },
            ],
          },
        ],
      },
    },
  });
  await core.createNamespacedService({
    namespace,
    body: {
      metadata: { name: "vllm", labels },
      spec: { selector: labels, ports: [{ name: "web", port: 80, targetPort: "http" }] },
    },
  });
});
afterAll(() => Promise.all([namespace, elsewhere].map((name) => deleteNamespace(core, name))));

describe("monitors", () => {
  it("give the metrics of the pods and Services they match, and those that match nothing give none", async () => {
    await create("PodMonitor", "right", podMonitor(labels, "http"));
    await create("PodMonitor", "wrong-port-name", podMonitor(labels, "metrics"));
    await create("PodMonitor", "port-without-server", podMonitor(labels, "other"));
    await create("PodMonitor", "wrong-selector", podMonitor({ app: "vlm" }, "http"));
    await create("PodMonitor", "wrong-namespace", podMonitor(labels, "http"), elsewhere);
    await create("ServiceMonitor", "service", {
      selector: { matchLabels: labels },
      endpoints: [{ port: "web", interval: "1s" }],
    });
    await waitFor("all monitors in Prometheus' configuration", async () => {
      const response = await fetch(`${sandbox.endpoints.prometheus}/api/v1/scrape_pools`);
      const { data } = jobNames.parse(await response.json());
      return data.scrapePools.filter((pool) => pool.includes(`/${namespace}`)).length === 6;
    });
    await waitFor("both scrapes", async () => (await jobsUp()).length >= 2);
    // A service discovery later than those of the right ones would have shown up within this.
    await waitFor("some scrapes more", async () => {
      const scrapes = await queryPrometheus(sandbox, `count_over_time(up{job="${namespace}/right"}[1h])`);
      return Number(scrapes[0]?.value[1]) >= 10;
    });
    expect(await jobsUp()).toEqual([`${namespace}/right ${namespace}/vllm`, `vllm ${namespace}/vllm`]);
    const series = await queryPrometheus(sandbox, `vllm:num_requests_running{namespace=~"${namespace}.*"}`);
    expect(series.map(({ metric }) => metric.pod)).toEqual(["vllm", "vllm"]);
    const { status } = await core.readNamespacedPod({ name: "vllm", namespace });
    expect(series.map(({ metric }) => metric.instance)).toEqual([`${status?.podIP}:8000`, `${status?.podIP}:8000`]);
  });
});

describe("a PrometheusRule", () => {
  const rule = (expression: string): object => ({
    groups: [{ name: "test", interval: "1s", rules: [{ alert: "MonitoredAlways", expr: expression }] }],
  });

  it("is loaded and fires; one that is no PromQL is skipped with a Warning", async () => {
    await create("PrometheusRule", "wrong", rule("sum("));
    await create("PrometheusRule", "right", rule("vector(1)"));
    await waitFor("the alert", async () => {
      const firing = await queryPrometheus(sandbox, 'ALERTS{alertname="MonitoredAlways", alertstate="firing"}');
      return firing.length === 1;
    });
    const events = kubeConfig.makeApiClient(EventsV1Api);
    await waitFor("the Warning about the wrong one", async () => {
      const { items } = await events.listNamespacedEvent({ namespace });
      return items.some(
        ({ type, reason, regarding }) =>
          type === "Warning" && reason === "InvalidConfiguration" && regarding?.name === "wrong",
      );
    });
  });
});
