import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { EventsV1Api } from "@kubernetes/client-node";
import { type SandboxState, status } from "@vllm-serving/sandbox";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import type { KubernetesObject } from "vllm-serving/manifests";
import { z } from "zod";
import { ensureTools } from "../../packages/sandbox/src/tools/ensure-tools";
import { documentedCommands } from "../support/documented-commands";
import { clientsOf, deleteNamespace, waitFor } from "./support/cluster";
import { queryPrometheus } from "./support/prometheus";
import { scaledModelObjects } from "./support/scaled-model";

const sandbox = inject("sandbox");
const { kubeConfig, core, apps, custom, objects } = clientsOf(sandbox);

const namespace = "tenant";
const other = "tenant-other";
const url = "https://thanos-querier.openshift-monitoring.svc.cluster.local:9092";

type Authentication = "boundServiceAccountToken" | "serviceAccountTokenSecret";

/** The objects by which a model's autoscaler reads Prometheus, exactly as the components make them. */
function accessObjects(name: string, authentication: Authentication): KubernetesObject[] {
  const certificateAuthority = { configMap: "openshift-service-ca.crt", key: "service-ca.crt" };
  const prometheus = { url, tenancy: true, authentication, certificateAuthority };
  const made = scaledModelObjects(name, namespace, prometheus);
  return made.filter(({ kind }) =>
    ["ServiceAccount", "Role", "RoleBinding", "Secret", "TriggerAuthentication"].includes(kind),
  );
}

async function create(created: object[]): Promise<void> {
  for (const object of created) await objects.create(object);
}

/** A Deployment of one pod, and a ScaledObject that wants as many replicas as `tenant_load` says. */
async function createScaled(name: string, authentication: string, tenant = namespace): Promise<void> {
  const labels = { app: name };
  const metadata = { name, namespace };
  const containers = [{ name: "pause", image: "registry.k8s.io/pause:3.10" }];
  await create([
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
    },
    {
      apiVersion: "keda.sh/v1alpha1",
      kind: "ScaledObject",
      metadata,
      spec: {
        scaleTargetRef: { name },
        pollingInterval: 2,
        // As ours have it: with 0, which is the default, KEDA may take the last one before it has met the error.
        minReplicaCount: 1,
        maxReplicaCount: 6,
        triggers: [
          {
            type: "prometheus",
            metadata: {
              serverAddress: url,
              namespace: tenant,
              query: "sum(tenant_load)",
              threshold: "1",
              ignoreNullValues: "false",
              authModes: "bearer",
            },
            authenticationRef: { name: authentication },
          },
        ],
      },
    },
  ]);
}

const monitoring = { group: "monitoring.coreos.com", version: "v1", plural: "prometheusrules" };

/** Gives `tenant_load` of a namespace a value, through Prometheus Operator. */
async function setLoad(where: string, value: number): Promise<void> {
  const rules = [{ record: "tenant_load", expr: `vector(${value})`, labels: { namespace: where } }];
  const spec = { groups: [{ name: "load", interval: "1s", rules }] };
  const body = { apiVersion: "monitoring.coreos.com/v1", kind: "PrometheusRule", metadata: { name: "load" }, spec };
  await custom.createNamespacedCustomObject({ ...monitoring, namespace: where, body }).catch(() =>
    custom.patchNamespacedCustomObject({
      ...monitoring,
      namespace: where,
      name: "load",
      body: [{ op: "replace", path: "/spec", value: spec }],
    }),
  );
  await waitFor(`tenant_load ${value}`, async () => {
    const [series] = await queryPrometheus(sandbox, `tenant_load{namespace="${where}"}`);
    return series?.value[1] === String(value);
  });
}

async function tokenOf(name: string): Promise<string> {
  const made = await core.createNamespacedServiceAccountToken({ name, namespace, body: { spec: { audiences: [] } } });
  return made.status?.token ?? "";
}

async function serviceCa(): Promise<string> {
  const { data } = await core.readNamespacedConfigMap({ name: "openshift-service-ca.crt", namespace });
  return data?.["service-ca.crt"] ?? "";
}

interface Asked {
  token?: string;
  ca: string;
  path?: string;
  parameters?: Record<string, string>;
}

/** Asks the metrics path as KEDA does, from outside the sandbox. */
function ask({ token, ca, path = "/api/v1/query", parameters = {} }: Asked): Promise<{ status: number; body: string }> {
  const target = new URL(`${path}?${new URLSearchParams(parameters)}`, sandbox.endpoints.thanosQuerier);
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const servername = new URL(url).hostname;
  return new Promise((resolve, reject) => {
    request(target, { headers, ca, servername, agent: false }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        body += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
    })
      .on("error", reject)
      .end();
  });
}

/** KEDA writes the status a moment after the object was made. */
const conditions = z.object({
  status: z
    .object({
      conditions: z
        .array(z.object({ type: z.string(), reason: z.string().optional(), message: z.string().optional() }))
        .default([]),
    })
    .default({ conditions: [] }),
});

/** All that the cluster says about why a ScaledObject does not scale. */
async function complaints(name: string): Promise<string> {
  const events = await kubeConfig.makeApiClient(EventsV1Api).listNamespacedEvent({ namespace });
  const said = events.items
    .filter(({ type, regarding }) => type === "Warning" && regarding?.name === name)
    .map(({ reason, note }) => `${reason}: ${note}`);
  const scaledObject = await custom.getNamespacedCustomObject({
    group: "keda.sh",
    version: "v1alpha1",
    plural: "scaledobjects",
    namespace,
    name,
  });
  const { status: found } = conditions.parse(scaledObject);
  return [...said, ...found.conditions.map(({ reason, message }) => `${reason}: ${message}`)].join("\n");
}

async function scaledTo(name: string, replicas: number): Promise<void> {
  await waitFor(`${name} with ${replicas} replicas`, async () => {
    const { spec } = await apps.readNamespacedDeployment({ name, namespace });
    return spec?.replicas === replicas;
  });
}

/** kube-rbac-proxy keeps what it knows of a token for minutes. The supervisor starts it anew. */
async function restartRbacProxy(state: SandboxState): Promise<void> {
  const part = async () => (await status(state.name))?.parts.find(({ name }) => name === "kube-rbac-proxy");
  const before = (await part())?.pid ?? 0;
  process.kill(before, "SIGTERM");
  await waitFor("kube-rbac-proxy again", async () => {
    const now = await part();
    return now?.state === "running" && now.pid !== before;
  });
}

beforeAll(async () => {
  for (const name of [namespace, other]) await core.createNamespace({ body: { metadata: { name } } });
  await waitFor("the service CA", async () => (await serviceCa().catch(() => "")) !== "");
  await create(accessObjects("bound", "boundServiceAccountToken"));
  await Promise.all([setLoad(namespace, 3), setLoad(other, 5)]);
});
afterAll(() => Promise.all([namespace, other].map((name) => deleteNamespace(core, name))));

describe("the metrics path", () => {
  it("answers whoever has exactly our Role, with the series of that namespace alone (traps 40, 43)", async () => {
    const [token, ca] = [await tokenOf("bound-prometheus"), await serviceCa()];
    const answer = await ask({ token, ca, parameters: { query: "tenant_load", namespace } });
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body).data.result).toEqual([
      { metric: expect.objectContaining({ namespace }), value: [expect.any(Number), "3"] },
    ]);
  });

  it("is asked by the commands of docs/metrics-path.md, with these names", async () => {
    const folder = mkdtempSync(join(tmpdir(), "vllm-serving-metrics-path-"));
    const { binaries } = await ensureTools();
    writeFileSync(join(folder, "kubeconfig"), kubeConfig.exportConfig());
    const { port } = new URL(sandbox.endpoints.thanosQuerier);
    const [token, ca, name, curl, ...more] = documentedCommands("docs/metrics-path.md").map((line) =>
      line
        .replace("llama-prometheus", "bound-prometheus")
        .replace("<port>", port)
        .replaceAll(/\bllm\b/g, namespace),
    );
    expect([more, name]).toEqual([[], "name=thanos-querier.openshift-monitoring.svc"]);
    const typed = async (...lines: (string | undefined)[]) => {
      const PATH = [dirname(binaries.kubectl), process.env.PATH].join(":");
      const env = { PATH, KUBECONFIG: join(folder, "kubeconfig") };
      return (await execa("bash", ["-ec", lines.join("\n")], { cwd: folder, env })).stdout;
    };
    await typed(token, ca);
    // Not every machine has curl: then the same is asked with what the commands before it wrote.
    const answer = (await execa("which", ["curl"], { reject: false })).exitCode
      ? (
          await ask({
            token: readFileSync(join(folder, "token"), "utf8").trim(),
            ca: readFileSync(join(folder, "ca.crt"), "utf8"),
            parameters: { query: "tenant_load", namespace },
          })
        ).body
      : await typed(name, curl?.replace("query=up", "query=tenant_load"));
    rmSync(folder, { recursive: true });
    expect(JSON.parse(answer).data.result).toMatchObject([{ metric: { namespace }, value: [expect.any(Number), "3"] }]);
  });

  it("refuses everything else", async () => {
    const [token, ca] = [await tokenOf("bound-prometheus"), await serviceCa()];
    const query = "tenant_load";
    const asked: Record<string, Asked> = {
      "no token": { ca, parameters: { query, namespace } },
      "a token that is none": { ca, token: "x", parameters: { query, namespace } },
      "a ServiceAccount without the Role": { ca, token: await tokenOf("default"), parameters: { query, namespace } },
      "another namespace": { ca, token, parameters: { query, namespace: other } },
      "no namespace": { ca, token, parameters: { query } },
      "a matcher of another namespace": {
        ca,
        token,
        parameters: { query: `${query}{namespace="${other}"}`, namespace },
      },
      "another path": { ca, token, path: "/api/v1/status/config", parameters: { namespace } },
    };
    const statuses = Object.entries(asked).map(async ([what, call]) => [what, (await ask(call)).status]);
    expect(Object.fromEntries(await Promise.all(statuses))).toEqual({
      "no token": 401,
      "a token that is none": 401,
      "a ServiceAccount without the Role": 403,
      "another namespace": 403,
      "no namespace": 400,
      "a matcher of another namespace": 400,
      "another path": 404,
    });
  });

  it("has a certificate that only the service CA signs, which every namespace has and keeps", async () => {
    const clusterCa = kubeConfig.getCurrentCluster()?.caData ?? "";
    await expect(ask({ ca: Buffer.from(clusterCa, "base64").toString(), parameters: { namespace } })).rejects.toThrow(
      /unable to (verify|get)|self.signed/i,
    );
    const ca = await serviceCa();
    await core.deleteNamespacedConfigMap({ name: "openshift-service-ca.crt", namespace: other });
    await waitFor("the ConfigMap again", async () => {
      const { items } = await core.listNamespacedConfigMap({ namespace: other });
      return items.some(({ data }) => data?.["service-ca.crt"] === ca);
    });
  });
});

describe("KEDA through the metrics path", () => {
  it("scales by one TriggerAuthentication for two ScaledObjects, and by the token of a Secret", async () => {
    await create(accessObjects("secret", "serviceAccountTokenSecret"));
    await Promise.all([
      createScaled("first", "bound-prometheus"),
      createScaled("second", "bound-prometheus"),
      createScaled("by-secret", "secret-prometheus"),
    ]);
    await Promise.all(["first", "second", "by-secret"].map((name) => scaledTo(name, 3)));
  });

  it("says what is missing where a part is missing", async () => {
    const without = (name: string, ...missing: string[]): KubernetesObject[] =>
      accessObjects(name, "boundServiceAccountToken").filter(
        ({ kind, metadata }) => !missing.includes(`${kind} ${metadata.name}`),
      );
    await create([
      ...without("no-reader", "RoleBinding no-reader-prometheus-reader"),
      ...without("no-issuer", "RoleBinding no-issuer-prometheus-token"),
      ...without("no-account", "ServiceAccount no-account-prometheus"),
    ]);
    const authority = (name: string, authorityRef: object): object => ({
      apiVersion: "keda.sh/v1alpha1",
      kind: "TriggerAuthentication",
      metadata: { name, namespace },
      spec: {
        boundServiceAccountToken: [{ parameter: "bearerToken", serviceAccountName: "bound-prometheus" }],
        ...authorityRef,
      },
    });
    const ca = { parameter: "ca", name: "kube-root-ca.crt", key: "ca.crt" };
    await create([
      authority("cluster-ca", { configMapTargetRef: [ca] }),
      authority("secret-ca", { secretTargetRef: [{ ...ca, name: "secret-prometheus-token" }] }),
      authority("no-ca", {}),
    ]);
    const expected: Record<string, RegExp> = {
      "no-reader": /403/,
      "no-issuer": /bearer token/i,
      "no-account": /bearer token/i,
      "cluster-ca": /x509/,
      "secret-ca": /x509/,
      "no-ca": /x509/,
      "other-tenant": /403/,
    };
    await Promise.all(
      Object.keys(expected).map((name) => {
        const named = name.startsWith("no-") && name !== "no-ca" ? `${name}-prometheus` : name;
        return name === "other-tenant" ? createScaled(name, "bound-prometheus", other) : createScaled(name, named);
      }),
    );
    for (const [name, reason] of Object.entries(expected)) {
      let said = "";
      await waitFor(`${name}: ${reason}`, async () => {
        said = await complaints(name);
        return reason.test(said);
      }).catch((error: unknown) => {
        throw new Error(`${error}\n${said}`);
      });
    }
    const replicas = await Promise.all(
      Object.keys(expected).map(
        async (name) => (await apps.readNamespacedDeployment({ name, namespace })).spec?.replicas,
      ),
    );
    expect(replicas).toEqual(Object.keys(expected).map(() => 1));
  });

  it("takes a new token when the one it has is no longer valid", async () => {
    const account = accessObjects("bound", "boundServiceAccountToken").filter(({ kind }) => kind === "ServiceAccount");
    // Its tokens name the ServiceAccount by its uid.
    await core.deleteNamespacedServiceAccount({ name: "bound-prometheus", namespace });
    await create(account);
    await restartRbacProxy(sandbox);
    await setLoad(namespace, 4);
    await scaledTo("first", 4);
    expect(readFileSync(`${sandbox.logsDirectory}/kube-rbac-proxy.log`, "utf8")).toMatch(/start 2/);
  });
});
