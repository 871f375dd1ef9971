import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { down, type SandboxState, status, up } from "@vllm-serving/sandbox";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { requestApi } from "../../packages/sandbox/src/control-plane/api-client";
import { definitionsServed } from "../../packages/sandbox/src/control-plane/definitions";
import { knativeServing } from "../../src/manifests/platform/knative";
import { clientsOf, waitFor } from "../sandbox/support/cluster";
import { upstreamFiles } from "../sandbox/support/definitions";
import { Stack } from "../sandbox/support/pulumi";

/** Of its own: KServe looks for Knative only when it starts. */
const name = `knative-${process.pid}`;
const namespace = "on-knative";
const services = { group: "serving.knative.dev", version: "v1", plural: "services", namespace };
const service = { ...services, name: "llama-predictor" };
const knativeModule = resolve(__dirname, "../sandbox/modules/knative");
const startup = { imagePullSeconds: 1, loadSeconds: 1, compileSeconds: 1 };

const definitionSchema = z.looseObject({ metadata: z.looseObject({ name: z.string() }) });
const serviceSchema = z.looseObject({
  metadata: z.looseObject({ name: z.string(), generation: z.number() }),
  spec: z.looseObject({
    template: z.looseObject({
      metadata: z.looseObject({ annotations: z.record(z.string(), z.string()) }),
      spec: z.looseObject({
        timeoutSeconds: z.number(),
        responseStartTimeoutSeconds: z.number().optional(),
        containers: z.array(z.looseObject({ args: z.array(z.string()).optional() })),
      }),
    }),
  }),
});
type KnativeService = z.infer<typeof serviceSchema>;
const answersSchema = z.array(z.object({ refusal: z.string() }));

let sandbox: SandboxState;
let clients: ReturnType<typeof clientsOf>;
let stack: Stack;
const ended = new AbortController();

beforeAll(async () => {
  sandbox = await up({ name, endWithCaller: true });
  clients = clientsOf(sandbox);
  await defineKnative();
  await restartKserve();
  void playKnative();
  stack = await Stack.create(sandbox, name);
});
afterAll(async () => {
  ended.abort();
  await down(name);
});

/** Upstream's definition of Knative's Service, and the ConfigMap that KServe reads. */
async function defineKnative(): Promise<void> {
  await clients.core.createNamespace({ body: { metadata: { name: "knative-serving" } } });
  const body = { metadata: { name: "config-autoscaler" } };
  await clients.core.createNamespacedConfigMap({ namespace: "knative-serving", body });
  const files = { "knative.dev/serving": ["config/core/300-resources/service.yaml"] };
  const [file = ""] = await upstreamFiles("definitions", files);
  const definition = definitionSchema.parse(parse(readFileSync(file, "utf8")));
  const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${definition.metadata.name}?fieldManager=test`;
  const type = "application/apply-patch+yaml";
  await requestApi(clients.kubeConfig, "PATCH", path, { type, body: JSON.stringify(definition) });
  await definitionsServed(clients.kubeConfig, [definition]);
}

async function restartKserve(): Promise<void> {
  const kserve = async () => (await status(name))?.parts.find((part) => part.name === "kserve-controller");
  const before = (await kserve())?.pid ?? 0;
  process.kill(before, "SIGKILL");
  await waitFor("KServe again", async () => {
    const now = await kserve();
    return now?.state === "running" && now.pid !== before;
  });
  const container = { name: "kserve-container", image: "none" };
  const body = JSON.stringify({
    apiVersion: "serving.kserve.io/v1beta1",
    kind: "InferenceService",
    metadata: { name: "asked" },
    spec: { predictor: { containers: [container] } },
  });
  const path = "/apis/serving.kserve.io/v1beta1/namespaces/default/inferenceservices?dryRun=All";
  await waitFor("KServe's webhooks", async () => {
    const { status } = await requestApi(clients.kubeConfig, "POST", path, { type: "application/json", body });
    return status === 201;
  });
}

async function knativeServices(): Promise<KnativeService[]> {
  const list = await clients.custom.listNamespacedCustomObject(services);
  return z.object({ items: z.array(serviceSchema) }).parse(list).items;
}

/** Says of every Service that it serves, as Knative does; its revisions and their pods are nobody's business here. */
async function playKnative(): Promise<void> {
  while (!ended.signal.aborted) {
    await sayReady().catch(() => undefined);
    await sleep(500);
  }
}

async function sayReady(): Promise<void> {
  for (const { metadata } of await knativeServices()) {
    const revision = `${metadata.name}-${String(metadata.generation).padStart(5, "0")}`;
    const url = `http://${metadata.name}.${namespace}.example.com`;
    const value = {
      observedGeneration: metadata.generation,
      conditions: ["ConfigurationsReady", "Ready", "RoutesReady"].map((type) => ({ type, status: "True" })),
      latestCreatedRevisionName: revision,
      latestReadyRevisionName: revision,
      traffic: [{ revisionName: revision, latestRevision: true, percent: 100 }],
      url,
      address: { url: `http://${metadata.name}.${namespace}.svc.cluster.local` },
    };
    const body = [{ op: "add", path: "/status", value }];
    await clients.custom.patchNamespacedCustomObjectStatus({ ...services, name: metadata.name, body });
  }
}

async function deployed(): Promise<KnativeService> {
  return serviceSchema.parse(await clients.custom.getNamespacedCustomObject(service));
}

/** What Knative's webhook makes of a Service that KServe wrote, on a cluster with these ConfigMaps. */
async function asKnative(config: { defaults?: object; features?: object }) {
  const { metadata: _, status: __, ...written } = z.looseObject({}).parse(await deployed());
  const asked = { ...config, services: [{ ...written, metadata: { name: service.name, namespace } }] };
  const run = await execa("go", ["run", "."], { cwd: knativeModule, input: JSON.stringify(asked) });
  const [answer] = answersSchema.parse(JSON.parse(run.stdout));
  if (answer === undefined) throw new Error(run.stdout);
  return answer;
}

const ours = (longestRequestSeconds: number) => {
  const { defaults, features } = knativeServing({ mode: "install", longestRequestSeconds }).spec.config;
  return { defaults, features };
};

describe("a model that Knative scales", () => {
  it("becomes KServe's Knative Service, with what it was told of scaling", async () => {
    stack.configure((config) => {
      const platform = z.looseObject({}).parse(config["vllm-serving:platform"]);
      const knative = { mode: "existing", longestRequestSeconds: 900 };
      config["vllm-serving:platform"] = { ...platform, knative };
    });
    stack.changeModel({
      namespace,
      backend: "kserve",
      replicas: { min: 0, max: 3 },
      startup,
      longestGenerationSeconds: 600,
      runAsUser: 1000,
      compileCacheClaim: "compilations",
      scaling: { knative: { metric: "memory", target: 4096, windowSeconds: 60, podRetentionSeconds: 120 } },
    });
    await stack.up();
    const { template } = (await deployed()).spec;
    expect(template.metadata.annotations).toMatchObject({
      "autoscaling.knative.dev/class": "hpa.autoscaling.knative.dev",
      "autoscaling.knative.dev/metric": "memory",
      "autoscaling.knative.dev/target": "4096",
      "autoscaling.knative.dev/min-scale": "0",
      "autoscaling.knative.dev/max-scale": "3",
      "autoscaling.knative.dev/window": "60s",
      "autoscaling.knative.dev/scale-to-zero-pod-retention-period": "120s",
    });
    // 600 s of generation, 60 s in the queue and 3 s of start.
    expect(template.spec.timeoutSeconds).toBe(663);
    // Otherwise Knative ends an answer that has not begun after 300 s.
    expect(template.spec.responseStartTimeoutSeconds).toBe(663);
  });

  it("is accepted by Knative's webhook where Knative is installed by us, and needs what it is told there", async () => {
    expect((await asKnative(ours(900))).refusal).toBe("");

    const short = await asKnative({ ...ours(900), defaults: ours(600).defaults });
    expect(short.refusal).toMatch(/expected 0 <= 663 <= 600: .*timeoutSeconds/);
    const plain = await asKnative({ defaults: ours(900).defaults });
    expect(plain.refusal).toContain("Persistent volume claim support is disabled");
    expect(plain.refusal).toContain("Persistent volume write support is disabled");
    const masked = /must not set the field\(s\): (.*)/.exec(plain.refusal)?.[1]?.split(", ") ?? [];
    expect(masked.filter((field) => !field.includes("volumes"))).toEqual([
      "spec.template.spec.nodeSelector",
      "spec.template.spec.tolerations",
    ]);
  });

  it("is left alone by refresh and up, whatever Knative does, and changes with the next revision", async () => {
    const { generation } = (await deployed()).metadata;
    await stack.expectUntouched();
    expect((await deployed()).metadata.generation).toBe(generation);

    stack.changeModel({ maxNumSeqs: 64 });
    await stack.up();
    const after = await deployed();
    expect(after.spec.template.spec.containers[0]?.args).toContain("--max-num-seqs=64");
    expect(after.metadata.generation).toBe(generation + 1);
    await stack.expectUntouched();
    await stack.destroy();
  });
});
