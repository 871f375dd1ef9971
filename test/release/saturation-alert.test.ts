import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { z } from "zod";
import { waitFor } from "../sandbox/support/cluster";
import { queryPrometheus } from "../sandbox/support/prometheus";
import { Stack } from "../sandbox/support/pulumi";

const sandbox = inject("sandbox");
const namespace = "saturated";
const running = new AbortController();
const listOfMappings = z.array(z.looseObject({}));
let stack: Stack;

const rules = z.object({
  data: z.object({
    groups: z.array(z.object({ file: z.string(), rules: z.array(z.object({ name: z.string(), query: z.string() })) })),
  }),
});

/** The alerts of the namespace that Prometheus has loaded. */
async function alerts() {
  const response = await fetch(`${sandbox.endpoints.prometheus}/api/v1/rules?type=alert`);
  const { data } = rules.parse(await response.json());
  return data.groups.filter(({ file }) => file.includes(`${namespace}-`)).flatMap((group) => group.rules);
}

/** Waits until vLLM has so many requests, as Prometheus sees it. */
function requests(count: number): Promise<void> {
  const series = (state: string) => `sum(vllm:num_requests_${state}{namespace="${namespace}"})`;
  return waitFor(`${count} requests`, async () => {
    const [sum] = await queryPrometheus(sandbox, `${series("running")} + ${series("waiting")}`);
    return sum?.value[1] === String(count);
  });
}

function ask(): void {
  const body = { model: "llama", prompt: "Hello", max_tokens: 4000, ignore_eos: true, stream: true };
  void fetch(`${sandbox.endpoints.router}/${namespace}/llama/v1/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    signal: running.signal,
  })
    .then((response) => response.text())
    .catch(() => undefined);
}

/** The one replica there may be is asked to carry one request. */
beforeAll(async () => {
  stack = await Stack.create(sandbox, namespace);
  stack.configure((config) => {
    const [first] = listOfMappings.parse(config["vllm-serving:models"]);
    const model = {
      namespace,
      backend: "deployment",
      replicas: { min: 1, max: 1 },
      capacity: { concurrencyPerReplica: 1 },
      slo: { itl: { atMostMs: 1000 } },
      startup: { imagePullSeconds: 1, loadSeconds: 1, compileSeconds: 1 },
      saturationAlert: {},
    };
    config["vllm-serving:models"] = [{ ...first, ...model }];
  });
  await stack.up();
}, 900_000);
afterAll(async () => {
  running.abort();
  await stack.destroy();
});

it("an alert is loaded that tells of a load above the maximum, and of none below it (trap 12)", async () => {
  await waitFor("the rule", async () => (await alerts()).length > 0, 120);
  const [{ name, query } = { name: "", query: "" }, ...others] = await alerts();
  expect([name, ...others]).toEqual(["ModelNeedsMoreThanMaxReplicas"]);
  const told = async () => (await queryPrometheus(sandbox, query)).length;
  await requests(0);
  expect(await told()).toBe(0);
  ask();
  await requests(1);
  // As much as the one replica is asked to carry.
  expect(await told()).toBe(0);
  ask();
  await requests(2);
  expect(await told()).toBe(1);
}, 600_000);
