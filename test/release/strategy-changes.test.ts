import { AutoscalingV2Api } from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { z } from "zod";
import { clientsOf, waitFor } from "../sandbox/support/cluster";
import { Stack } from "../sandbox/support/pulumi";

const sandbox = inject("sandbox");
const { kubeConfig } = clientsOf(sandbox);
const autoscaling = kubeConfig.makeApiClient(AutoscalingV2Api);

const listOfMappings = z.array(z.looseObject({}));

/** One replica is asked to carry one request. */
const model = {
  replicas: { min: 1, max: 2 },
  capacity: { concurrencyPerReplica: 1 },
  slo: { itl: { atMostMs: 1000 } },
  startup: { imagePullSeconds: 1, loadSeconds: 1, compileSeconds: 1 },
};

/** Several runs of Pulumi, on a machine that has other things to do. */
const long = 900_000;

const cpu = { hpa: { metric: "cpu", targetPercent: 70 } };
const ofKServe = { kserveKeda: {} };

describe.each([
  {
    backend: "deployment",
    before: "llama",
    // The last one: back again.
    changes: [
      { what: "a ScaledObject", scaling: undefined, autoscaler: "keda-hpa-llama" },
      { what: "a HorizontalPodAutoscaler", scaling: cpu, autoscaler: "llama" },
    ],
  },
  {
    backend: "kserve",
    before: "llama-predictor",
    changes: [
      { what: "KServe's ScaledObject", scaling: ofKServe, autoscaler: "keda-hpa-llama-predictor" },
      { what: "a ScaledObject", scaling: undefined, autoscaler: "keda-hpa-llama" },
      { what: "KServe's ScaledObject again", scaling: ofKServe, autoscaler: "keda-hpa-llama-predictor" },
      { what: "KServe's HorizontalPodAutoscaler", scaling: cpu, autoscaler: "llama-predictor" },
    ],
  },
])("a model with the backend $backend that a HorizontalPodAutoscaler scales", ({ backend, before, changes }) => {
  const namespace = `changing-${backend}`;
  let stack: Stack;

  function scaleBy(scaling: object | undefined): void {
    stack.configure((config) => {
      const [{ scaling: _, ...first } = {}] = listOfMappings.parse(config["vllm-serving:models"]);
      const given = scaling === undefined ? {} : { scaling };
      config["vllm-serving:models"] = [{ ...first, ...model, backend, namespace, ...given }];
    });
  }

  async function autoscalers(): Promise<(string | undefined)[]> {
    const { items } = await autoscaling.listNamespacedHorizontalPodAutoscaler({ namespace });
    return items.map(({ metadata }) => metadata?.name);
  }

  /** Nothing of the strategy before is left beside it. */
  async function expectOnly(autoscaler: string): Promise<void> {
    await waitFor(autoscaler, async () => (await autoscalers()).includes(autoscaler));
    expect(await autoscalers()).toEqual([autoscaler]);
  }

  beforeAll(async () => {
    stack = await Stack.create(sandbox, namespace);
    scaleBy(cpu);
    await stack.up();
  }, long);
  afterAll(() => stack.destroy());

  it("has it alone", () => expectOnly(before));

  it.each(changes)(
    "changes to $what with one update, which leaves no other autoscaler (trap 35)",
    async ({ scaling, autoscaler }) => {
      scaleBy(scaling);
      await stack.up();
      await expectOnly(autoscaler);
    },
    long,
  );
});
