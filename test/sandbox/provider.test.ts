import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { AdmissionregistrationV1Api, PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import { execa } from "execa";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import type { JsonObject } from "../../packages/sandbox/src/provider/json";
import { clientsOf, deleteNamespace, waitFor } from "./support/cluster";
import { ProviderFailure, ProviderPlugin, providerProgram } from "./support/provider/plugin";

const sandbox = inject("sandbox");
const { kubeConfig, core, apps, custom } = clientsOf(sandbox);
const admission = kubeConfig.makeApiClient(AdmissionregistrationV1Api);

const namespace = "provider-verbs";
let provider: ProviderPlugin;
const warnings = () => provider.logs.filter((line) => line.severity === "warning").map((line) => line.message);

const urnOf = (type: string, name: string) => `urn:pulumi:dev::test::kubernetes:${type}::${name}`;

function configMap(name: string, data: Record<string, string>, metadata: JsonObject = {}): JsonObject {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace, ...metadata }, data };
}

function deployment(name: string, podSpec: JsonObject, spec: JsonObject = {}): JsonObject {
  const labels = { app: name };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace },
    spec: {
      ...spec,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: "c", image: "registry.test/i" }], ...podSpec } },
    },
  };
}

function scaledObject(name: string, metadata: JsonObject = {}): JsonObject {
  return {
    apiVersion: "keda.sh/v1alpha1",
    kind: "ScaledObject",
    metadata: { name, namespace, ...metadata },
    spec: {
      scaleTargetRef: { name: "none" },
      triggers: [
        {
          type: "prometheus",
          metadata: { serverAddress: "http://prometheus.test", query: "vector(1)", threshold: "5" },
        },
      ],
    },
  };
}

const create = (type: string, properties: JsonObject, more: { preview?: boolean; timeoutSeconds?: number } = {}) =>
  provider.create(urnOf(type, "r"), properties, more.timeoutSeconds, more.preview);

const update = (
  type: string,
  olds: JsonObject,
  news: JsonObject,
  more: { preview?: boolean; ignoreChanges?: string[]; timeoutSeconds?: number } = {},
) => provider.update(urnOf(type, "r"), "id", olds, news, more);

const read = (type: string, id: string, properties: JsonObject = {}, inputs: JsonObject = {}) =>
  provider.read(urnOf(type, "r"), id, properties, inputs);

const remove = (type: string, id: string, properties: JsonObject, timeoutSeconds = 60) =>
  provider.delete(urnOf(type, "r"), id, properties, timeoutSeconds);

/** Names of what a diff changes. */
async function changed(olds: JsonObject, news: JsonObject): Promise<string[]> {
  const type = `${String(news.apiVersion).replace(/^v1$/, "core/v1")}:${String(news.kind)}`;
  return Object.keys((await provider.diff(urnOf(type, "r"), "id", olds, news, [])).detailed);
}

/** The failure of an operation on an object that exists. */
async function partialFailure(operation: Promise<unknown>) {
  const error = await operation.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ProviderFailure && error.initialization !== undefined) {
    return { message: error.message, ...error.initialization };
  }
  throw new Error(`Not a partial failure: ${String(error)}`);
}

beforeAll(async () => {
  provider = await ProviderPlugin.start(providerProgram(sandbox), sandbox.pulumiEnvironment, {
    kubeconfig: sandbox.kubeconfig,
  });
  await core.createNamespace({ body: { metadata: { name: namespace } } });
});
afterAll(async () => {
  await provider.stop();
  await deleteNamespace(core, namespace);
});
beforeEach(() => {
  provider.logs.length = 0;
});

describe("create", () => {
  it("makes the object, whose state has no difference to its inputs", async () => {
    const inputs = configMap("made", { a: "1" });
    const { id, properties } = await create("core/v1:ConfigMap", inputs);
    expect(id).toBe(`${namespace}/made`);
    expect((await core.readNamespacedConfigMap({ name: "made", namespace })).data).toEqual({ a: "1" });
    expect(properties.__inputs).toEqual(inputs);
    expect(await changed(properties, inputs)).toEqual([]);
  });

  it("fails when the object exists, and says what to do", async () => {
    await create("core/v1:ConfigMap", configMap("twice", {}));
    await expect(create("core/v1:ConfigMap", configMap("twice", {}))).rejects.toThrow(
      /configmaps "twice" already exists\n\nThe resource already exists in the cluster/,
    );
  });

  it("shows in a preview what the API server refuses, and makes nothing", async () => {
    const service = (port: number) => ({
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "svc", namespace },
      spec: { ports: [{ port }], selector: { a: "b" } },
    });
    await expect(create("core/v1:Service", service(99999), { preview: true })).rejects.toThrow(
      "spec.ports[0].port: Invalid value: 99999",
    );
    const previewed = await create("core/v1:Service", service(80), { preview: true });
    expect(previewed.id).toBe("");
    expect(previewed.properties).toMatchObject({ spec: { type: "ClusterIP" } });
    expect(previewed.properties.status).toBeUndefined();
    expect((await core.listNamespacedService({ namespace })).items).toEqual([]);
  });

  it.each([
    ["whose namespace is not there yet", { ...configMap("x", {}), metadata: { name: "x", namespace: "not-there" } }],
    ["whose kind is not there yet", { apiVersion: "no.such/v1", kind: "Thing", metadata: { name: "x" } }],
    ["with values that are not known yet", configMap("x", { a: "04da6b54-80e4-46f7-96ec-b56ff0331ba9" })],
  ])("previews an object %s with its inputs", async (_what, inputs) => {
    expect(await create("core/v1:ConfigMap", inputs, { preview: true })).toEqual({ id: "", properties: inputs });
  });

  it("warns of fields the API server does not know", async () => {
    const inputs = scaledObject("typo");
    await create(
      "keda.sh/v1alpha1:ScaledObject",
      { ...inputs, spec: { ...Object(inputs.spec), maxReplicas: 3 } },
      { preview: true },
    );
    const said = ['the API server warns: unknown field "spec.maxReplicas"'];
    expect(warnings()).toEqual(sandbox.provider === "stand-in" ? said : []);
  });

  it("keeps the state of a Deployment that does not become ready, so that the next update goes on from it", async () => {
    const stuck = deployment("stuck", { nodeSelector: { no: "node" } });
    const failure = await partialFailure(create("apps/v1:Deployment", stuck, { timeoutSeconds: 10 }));
    expect(failure.id).toBe(`${namespace}/stuck`);
    expect(failure.reasons).toEqual([
      `resource "${urnOf("apps/v1:Deployment", "r")}" was successfully created, but the Kubernetes API server reported ` +
        "that it failed to fully initialize or become live: 'stuck' timed out waiting to be Ready",
      "[MinimumReplicasUnavailable] Deployment does not have minimum availability.",
      "Minimum number of live Pods was not attained",
    ]);

    const refresh = await partialFailure(read("apps/v1:Deployment", failure.id, failure.state, stuck));
    expect(refresh.inputs).toEqual(stuck);

    const mended = deployment("stuck", {});
    const state = await update("apps/v1:Deployment", failure.state, mended, { timeoutSeconds: 60 });
    expect(await changed(state, mended)).toEqual([]);
    const live = await apps.readNamespacedDeployment({ name: "stuck", namespace });
    expect(live.spec?.template.spec?.nodeSelector).toBeUndefined();
    expect(live.status?.availableReplicas).toBe(1);
    await remove("apps/v1:Deployment", failure.id, state);
  });
});

describe("update", () => {
  it("removes what the program no longer has, also of what the create made", async () => {
    const labelled = configMap("labels", { a: "1" }, { labels: { keep: "1", drop: "1" } });
    const { properties } = await create("core/v1:ConfigMap", labelled);
    const news = configMap("labels", { a: "1" }, { labels: { keep: "2" } });
    expect(await changed(properties, news)).toEqual(["metadata.labels.drop", "metadata.labels.keep"]);
    const state = await update("core/v1:ConfigMap", properties, news);
    expect((await core.readNamespacedConfigMap({ name: "labels", namespace })).metadata?.labels).toEqual({ keep: "2" });
    expect(await changed(state, news)).toEqual([]);
  });

  it("leaves replicas alone that an autoscaler set, and what others added", async () => {
    const inputs = deployment("scaled", {}, { replicas: 1 });
    const created = await create("apps/v1:Deployment", inputs, { timeoutSeconds: 60 });
    await apps.patchNamespacedDeploymentScale(
      { name: "scaled", namespace, body: { spec: { replicas: 2 } }, fieldManager: "kube-controller-manager" },
      setHeaderOptions("Content-Type", PatchStrategy.MergePatch),
    );
    await apps.patchNamespacedDeployment(
      { name: "scaled", namespace, body: { metadata: { annotations: { other: "x" } } } },
      setHeaderOptions("Content-Type", PatchStrategy.MergePatch),
    );
    const news = deployment("scaled", { terminationGracePeriodSeconds: 5 }, { replicas: 1 });
    const ignoreChanges = ["spec.replicas"];
    const state = await update("apps/v1:Deployment", created.properties, news, { ignoreChanges, timeoutSeconds: 60 });
    const live = await apps.readNamespacedDeployment({ name: "scaled", namespace });
    expect(live.spec?.replicas).toBe(2);
    expect(live.spec?.template.spec?.terminationGracePeriodSeconds).toBe(5);
    expect(live.metadata?.annotations?.other).toBe("x");
    await remove("apps/v1:Deployment", created.id, state);
    expect((await core.listNamespacedPod({ namespace, labelSelector: "app=scaled" })).items).toEqual([]);
  });

  it("does not overwrite what another manager changed, unless forced", async () => {
    const created = await create("core/v1:ConfigMap", configMap("shared", { a: "1" }));
    const first = await update("core/v1:ConfigMap", created.properties, configMap("shared", { a: "2" }));
    await core.patchNamespacedConfigMap(
      { name: "shared", namespace, body: { data: { a: "theirs" } }, fieldManager: "somebody" },
      setHeaderOptions("Content-Type", PatchStrategy.MergePatch),
    );
    const failure = await partialFailure(update("core/v1:ConfigMap", first, configMap("shared", { a: "3" })));
    expect(failure.message).toContain("server-side apply field conflict detected");
    expect(failure.message).toContain('conflict with "somebody"');
    expect(failure.state.data).toEqual({ a: "theirs" });

    const forced = configMap("shared", { a: "3" }, { annotations: { "pulumi.com/patchForce": "true" } });
    await update("core/v1:ConfigMap", first, forced);
    expect((await core.readNamespacedConfigMap({ name: "shared", namespace })).data).toEqual({ a: "3" });
  });

  it("changes nothing in a preview", async () => {
    const { properties } = await create("core/v1:ConfigMap", configMap("looked-at", { a: "1" }));
    const previewed = await update("core/v1:ConfigMap", properties, configMap("looked-at", { a: "2" }), {
      preview: true,
    });
    expect(previewed.data).toEqual({ a: "2" });
    expect((await core.readNamespacedConfigMap({ name: "looked-at", namespace })).data).toEqual({ a: "1" });
  });
});

describe("read", () => {
  it("gives the program's inputs back although the cluster added to the object", async () => {
    const inputs = scaledObject("refreshed");
    const { id, properties } = await create("keda.sh/v1alpha1:ScaledObject", inputs);
    await custom.patchNamespacedCustomObject(
      {
        group: "keda.sh",
        version: "v1alpha1",
        plural: "scaledobjects",
        namespace,
        name: "refreshed",
        body: { metadata: { annotations: { added: "later" }, finalizers: ["test.dev/hold"] } },
      },
      setHeaderOptions("Content-Type", PatchStrategy.MergePatch),
    );
    const refreshed = await read("keda.sh/v1alpha1:ScaledObject", id, properties, inputs);
    expect(refreshed.inputs).toEqual(inputs);
    expect(refreshed.properties).toMatchObject({ metadata: { annotations: { added: "later" } } });
    expect(await changed(refreshed.properties, inputs)).toEqual([]);

    const held = await partialFailure(remove("keda.sh/v1alpha1:ScaledObject", id, refreshed.properties, 1));
    expect(held.message).toBe("timed out waiting for the condition");
    expect(warnings().join()).toMatch(/finalizers might be preventing deletion \(.*test\.dev\/hold/);
    await custom.patchNamespacedCustomObject(
      {
        group: "keda.sh",
        version: "v1alpha1",
        plural: "scaledobjects",
        namespace,
        name: "refreshed",
        body: { metadata: { finalizers: [] } },
      },
      setHeaderOptions("Content-Type", PatchStrategy.MergePatch),
    );
    await remove("keda.sh/v1alpha1:ScaledObject", id, refreshed.properties);
  });

  it("drops an object that is gone, and one whose kind is", async () => {
    const gone = { id: "", properties: {}, inputs: {} };
    expect(await read("core/v1:ConfigMap", `${namespace}/never`)).toEqual(gone);
    expect(await read("no.such/v1:Thing", `${namespace}/never`)).toEqual(gone);
    await remove("core/v1:ConfigMap", `${namespace}/never`, configMap("never", {}));
    await remove("no.such/v1:Thing", "never", { apiVersion: "no.such/v1", kind: "Thing", metadata: { name: "never" } });
  });

  it("takes over an object that is there, without its status and read-only metadata", async () => {
    await core.createNamespacedService({
      namespace,
      body: { metadata: { name: "there", labels: { a: "b" } }, spec: { clusterIP: "None", ports: [{ port: 80 }] } },
    });
    const { inputs } = await read("core/v1:Service", `${namespace}/there`);
    expect(inputs).toMatchObject({
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "there", namespace, labels: { a: "b" } },
      spec: { clusterIP: "None" },
    });
    expect(Object.keys(Object(inputs.metadata)).sort()).toEqual(["labels", "name", "namespace"]);
    expect(inputs.status).toBeUndefined();
  });
});

describe("secrets", () => {
  it("are not in the message of a webhook or policy that repeats them", async () => {
    const name = "provider-verbs-echo";
    await admission.createValidatingAdmissionPolicy({
      body: {
        metadata: { name },
        spec: {
          matchConstraints: {
            resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["secrets"] }],
          },
          validations: [{ expression: "!('echo' in object.data)", messageExpression: "'refused ' + object.data.echo" }],
        },
      },
    });
    await admission.createValidatingAdmissionPolicyBinding({
      body: {
        metadata: { name },
        spec: {
          policyName: name,
          validationActions: ["Deny"],
          matchResources: { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } } },
        },
      },
    });
    const value = Buffer.from("hunter2-hunter2").toString("base64");
    const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "echo", namespace }, data: { echo: value } };
    let message = "";
    await waitFor("the policy's refusal", async () => {
      message = await create("core/v1:Secret", secret, { preview: true }).then(
        () => "",
        (error: unknown) => String(error),
      );
      return message !== "";
    });
    await admission.deleteValidatingAdmissionPolicyBinding({ name });
    await admission.deleteValidatingAdmissionPolicy({ name });
    // The official provider repeats what the API server says.
    expect(message).toContain(`denied request: refused ${sandbox.provider === "stand-in" ? "[secret]" : value}`);
  });

  it("are only encrypted in the state of a real run, which ends as it began", async () => {
    const folder = mkdtempSync(join(tmpdir(), "vllm-serving-secrets-"));
    symlinkSync(resolve(__dirname, "../../node_modules"), join(folder, "node_modules"));
    writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "secrets" }));
    writeFileSync(join(folder, "Pulumi.yaml"), "name: secrets\nruntime: nodejs\nmain: index.js\n");
    writeFileSync(join(folder, "index.js"), secretProgram);
    const pulumi = async (...args: string[]) => {
      const run = await execa("pulumi", [...args, "--non-interactive", "--color", "never", "--stack", "secrets"], {
        cwd: folder,
        env: sandbox.pulumiEnvironment,
        all: true,
        stdin: "ignore",
      });
      return run.all;
    };
    await execa("pulumi", ["stack", "init", "secrets"], {
      cwd: folder,
      env: sandbox.pulumiEnvironment,
      stdin: "ignore",
    });
    const upped = await pulumi("up", "--yes", "--skip-preview");
    expect(upped).toContain("+ 5 created");
    const exported = await pulumi("stack", "export");
    const again = await pulumi("preview", "--expect-no-changes", "--diff");
    const refreshed = await pulumi("refresh", "--yes", "--skip-preview");
    const destroyed = await pulumi("destroy", "--yes", "--skip-preview");
    rmSync(folder, { recursive: true });

    const values = ["string-data-1", "data-value-2", "env-value-3"];
    const forbidden = [...values, ...values.map((value) => Buffer.from(value).toString("base64"))];
    for (const output of [upped, exported, again, refreshed, destroyed]) {
      expect(forbidden.filter((value) => output.includes(value))).toEqual([]);
    }
    expect(exported).toContain('"open-value"');
    expect(again).toContain("5 unchanged");
    expect(refreshed).toContain("5 unchanged");
    expect(destroyed).toContain("- 5 deleted");
    if (sandbox.provider === "stand-in") {
      expect(upped).toContain(
        "The sandbox's stand-in for the official Kubernetes provider is in use; see docs/sandbox.md.",
      );
    }
  });
});

const secretProgram = `
const pulumi = require("@pulumi/pulumi");
const k8s = require("@pulumi/kubernetes");
const namespace = new k8s.core.v1.Namespace("secrets", { metadata: { name: "provider-secrets" } }).metadata.name;
const stringData = { a: pulumi.secret("string-data-1") };
const data = { a: pulumi.secret(Buffer.from("data-value-2").toString("base64")) };
new k8s.core.v1.Secret("one", { metadata: { namespace }, stringData });
exports.data = new k8s.core.v1.Secret("two", { metadata: { namespace }, data }).data;
const labels = { app: "env" };
const env = [{ name: "HIDDEN", value: pulumi.secret("env-value-3") }];
const template = { metadata: { labels }, spec: { containers: [{ name: "c", image: "registry.test/i", env }] } };
new k8s.apps.v1.Deployment("env", {
  metadata: { namespace, labels: { open: "open-value" } },
  spec: { replicas: 0, selector: { matchLabels: labels }, template },
});
`;
