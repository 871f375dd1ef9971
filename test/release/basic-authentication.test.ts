import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EventsV1Api } from "@kubernetes/client-node";
import { ensureTools } from "@vllm-serving/sandbox";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { stringify } from "yaml";
import { allocatePort } from "../../packages/sandbox/src/control-plane/ports";
import { clientsOf, deleteNamespace, waitFor } from "../sandbox/support/cluster";
import { startInNetwork } from "../sandbox/support/sandbox-network";
import { scaledModelObjects } from "../sandbox/support/scaled-model";

const sandbox = inject("sandbox");
const { kubeConfig, core, apps, objects } = clientsOf(sandbox);
const namespace = "secured";
const folder = mkdtempSync(join(tmpdir(), "vllm-serving-secured-"));
let prometheus: Awaited<ReturnType<typeof startSecured>>;

/** bcrypt of `correct`. */
const hash = "$2b$10$abcdefghijklmnopqrstuuULYjI0Lb/2y3Qe4R057OQ2N0cpvvC/i";

/** A Prometheus that wants a user name and a password, with twelve requests in flight. */
async function startSecured(port: number) {
  const labels = { namespace, model_name: "model" };
  const rules = [
    { record: "vllm:num_requests_running", expr: "vector(12)", labels },
    { record: "vllm:num_requests_waiting", expr: "vector(0)", labels },
  ];
  const write = (name: string, content: object): string => {
    const file = join(folder, name);
    writeFileSync(file, stringify(content));
    return file;
  };
  const ruleFile = write("rules.yaml", { groups: [{ name: "load", interval: "1s", rules }] });
  const { binaries } = await ensureTools();
  const secured = await startInNetwork(sandbox, binaries.prometheus, [
    `--config.file=${write("prometheus.yaml", { rule_files: [ruleFile] })}`,
    `--web.config.file=${write("web.yaml", { basic_auth_users: { keda: hash } })}`,
    `--web.listen-address=127.0.0.1:${port}`,
    `--storage.tsdb.path=${join(folder, "data")}`,
  ]);
  let log = "";
  secured.started.all.on("data", (part: Buffer) => {
    log += part.toString();
  });
  await waitFor("the Prometheus with a password", async () => log.includes("Server is ready"), 60);
  return secured;
}

/** A pod and a Service that lead to it. */
function service(port: number): object[] {
  const labels = { app: "prometheus" };
  const ports = { "sandbox.vllm-serving.dev/ports": JSON.stringify({ 9090: `127.0.0.1:${port}` }) };
  const metadata = { name: "prometheus", namespace };
  const containers = [{ name: "prometheus", image: "prometheus", ports: [{ containerPort: 9090 }] }];
  return [
    { apiVersion: "v1", kind: "Pod", metadata: { ...metadata, labels, annotations: ports }, spec: { containers } },
    { apiVersion: "v1", kind: "Service", metadata, spec: { selector: labels, ports: [{ port: 9090 }] } },
  ];
}

/** The policy of a model and what KEDA authenticates with, exactly as the components make them, on pods that do nothing. */
function scaledModel(): object[] {
  const url = `http://prometheus.${namespace}.svc.cluster.local:9090`;
  const credentialsSecret = { name: "prometheus-credentials" };
  const made = scaledModelObjects("model", namespace, { url, authentication: "basic", credentialsSecret });
  const labels = { app: "model" };
  const containers = [{ name: "pause", image: "registry.k8s.io/pause:3.10" }];
  return [
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "model", namespace },
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
    },
    ...made.filter(({ kind }) => kind === "TriggerAuthentication"),
    ...made.filter(({ kind }) => kind === "ScaledObject"),
  ];
}

const secret = (password: string) => ({
  namespace,
  name: "prometheus-credentials",
  body: { metadata: { name: "prometheus-credentials" }, stringData: { username: "keda", password } },
});

async function warnings(): Promise<string> {
  const { items } = await kubeConfig.makeApiClient(EventsV1Api).listNamespacedEvent({ namespace });
  return items
    .filter(({ type, regarding }) => type === "Warning" && regarding?.name === "model")
    .map(({ reason, note }) => `${reason}: ${note}`)
    .join("\n");
}

beforeAll(async () => {
  await core.createNamespace({ body: { metadata: { name: namespace } } });
  const port = await allocatePort();
  prometheus = await startSecured(port);
  for (const object of service(port)) await objects.create(object);
});
afterAll(async () => {
  prometheus.started.kill();
  await prometheus.started;
  await deleteNamespace(core, namespace);
  rmSync(folder, { recursive: true });
});

it("KEDA reads a Prometheus that wants a password with that of the Secret, and says 401 with another", async () => {
  await core.createNamespacedSecret(secret("wrong"));
  for (const object of scaledModel()) await objects.create(object);
  await waitFor("the refusal", async () => /401/.test(await warnings()));
  const replicas = async () => (await apps.readNamespacedDeployment({ name: "model", namespace })).spec?.replicas;
  expect(await replicas()).toBe(1);

  await core.replaceNamespacedSecret(secret("correct"));
  // Twelve requests in flight, five for each replica.
  await waitFor("three replicas", async () => (await replicas()) === 3);
});
