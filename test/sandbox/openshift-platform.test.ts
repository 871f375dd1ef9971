import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ApiextensionsV1Api, type KubernetesObject } from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { stringify } from "yaml";
import { z } from "zod";
import { clientsOf, deleteNamespace } from "./support/cluster";
import { definitionNames, olmDefinitions } from "./support/openshift/definitions";
import { FakeOlm } from "./support/openshift/fake-olm";
import { PulumiProject, projectsFolder } from "./support/pulumi-project";

const sandbox = inject("sandbox");
const clients = clientsOf(sandbox);
const definitions = clients.kubeConfig.makeApiClient(ApiextensionsV1Api);
const olm = new FakeOlm(clients.kubeConfig);
const folder = projectsFolder();
const v1alpha1 = "operators.coreos.com/v1alpha1";

beforeAll(async () => {
  for (const definition of await olmDefinitions()) await olm.define(definition);
  olm.start();
});
afterAll(async () => {
  await olm.stop();
  for (const name of definitionNames()) await definitions.deleteCustomResourceDefinition({ name }).catch(() => {});
  rmSync(folder, { recursive: true });
});

const objectSchema = z.looseObject({
  metadata: z.looseObject({ name: z.string(), creationTimestamp: z.coerce.string().optional() }),
  spec: z.looseObject({}).optional(),
  status: z.looseObject({}).optional(),
  data: z.record(z.string(), z.string()).optional(),
});
type Live = z.infer<typeof objectSchema>;

/** `undefined` for what is not there, or whose kind is not there. */
async function read(apiVersion: string, kind: string, name: string, namespace = ""): Promise<Live | undefined> {
  const metadata = namespace === "" ? { name } : { name, namespace };
  try {
    const found: KubernetesObject = await clients.objects.read({ apiVersion, kind, metadata });
    return objectSchema.parse(JSON.parse(JSON.stringify(found)));
  } catch {
    return undefined;
  }
}

async function names(apiVersion: string, kind: string, namespace: string): Promise<string[]> {
  const { items } = await clients.objects.list(apiVersion, kind, namespace);
  return items.map((item) => item.metadata?.name ?? "").sort();
}

/** A program of a user's own around pieces of the platform. */
class Program extends PulumiProject {
  constructor(readonly stack: string) {
    super(sandbox, join(folder, stack));
    writeFileSync(join(this.folder, "Pulumi.yaml"), stringify({ name: stack, runtime: "nodejs", main: "index.js" }));
  }

  /** @param pieces Constructors' calls, such as `new vllm.Keda("keda", { ...target, mode: "install" }, options)`. */
  write(pieces: string): void {
    writeFileSync(
      join(this.folder, "index.js"),
      `const { readFileSync } = require("node:fs");
       const k8s = require("@pulumi/kubernetes");
       const pulumi = require("@pulumi/pulumi");
       const vllm = require("vllm-serving");
       const kubeconfig = pulumi.secret(readFileSync(process.env.KUBECONFIG, "utf8"));
       const options = { provider: new k8s.Provider("cluster", { kubeconfig }) };
       const target = { distribution: "openshift", kubeconfig };
       ${pieces}`,
    );
  }

  async init(pieces: string): Promise<this> {
    this.write(pieces);
    await this.must("stack", "init", this.stack);
    return this;
  }

  up(...flags: string[]): Promise<string> {
    return this.must("up", "--yes", "--skip-preview", "--stack", this.stack, ...flags);
  }
}

const namespace = "openshift-keda";
const csv = "custom-metrics-autoscaler.v2.19.0-4";
const keda = (mode: string, more = "") =>
  `exports.kept = new vllm.Keda("keda", { ...target, mode: "${mode}"${more} }, options).kept;`;

describe("an operator that is installed", () => {
  let program: Program;

  beforeAll(async () => {
    program = await new Program("installed").init(keda("install", `, operator: { startingCsv: "${csv}" }`));
  });

  it("is waited for before the resource that it works from is made", async () => {
    await program.up();
    const version = await read(v1alpha1, "ClusterServiceVersion", csv, namespace);
    expect(version?.status?.phase).toBe("Succeeded");
    const controller = await read("keda.sh/v1alpha1", "KedaController", "keda", namespace);
    expect(controller?.spec).toEqual({ watchNamespace: "" });
    expect(controller?.status?.phase).toBe("Installation Succeeded");
    const { metadata } = await clients.core.readNamespace({ name: namespace });
    expect(metadata?.labels?.["openshift.io/cluster-monitoring"]).toBe("true");
  });

  it("has the one InstallPlan approved that leads to the pinned version", async () => {
    const approved = async (name: string) => (await read(v1alpha1, "InstallPlan", name, namespace))?.spec?.approved;
    expect(await approved("install-wanted")).toBe(true);
    expect(await approved("install-newer")).toBe(false);
  });

  it("stays as it is, and keeps the kubeconfig encrypted", async () => {
    await program.up("--expect-no-changes");
    const state = await program.must("stack", "export", "--stack", program.stack);
    expect(state).not.toContain("BEGIN CERTIFICATE");
    expect(state).not.toContain("client-key-data");
  });

  it("is removed by destroy, but for what it says it keeps", async () => {
    expect(JSON.parse(await program.must("stack", "output", "kept", "--json"))).toEqual([
      "The custom resource definitions of the Custom Metrics Autoscaler, with the objects of others in them: OLM leaves them.",
    ]);
    await program.remove(program.stack);
    expect(await read("v1", "Namespace", namespace)).toBeUndefined();
    expect(await names(v1alpha1, "ClusterServiceVersion", namespace)).toEqual([]);
    expect(await read("apiextensions.k8s.io/v1", "CustomResourceDefinition", "kedacontrollers.keda.sh")).toBeDefined();
  });
});

describe("the configuration of OpenShift's monitoring", () => {
  const cluster = { name: "cluster-monitoring-config", namespace: "openshift-monitoring" };
  const userWorkload = { name: "user-workload-monitoring-config", namespace: "openshift-user-workload-monitoring" };
  const theirs = "# Agreed with storage.\nprometheusK8s:\n  retention: 15d\n";
  const monitoring = (more = "") =>
    `new vllm.Monitoring("monitoring", { ...target, mode: "install"${more} }, options);`;
  const textOf = async ({ name, namespace }: typeof cluster) =>
    (await read("v1", "ConfigMap", name, namespace))?.data?.["config.yaml"];
  const writeText = (metadata: typeof cluster, text: string) =>
    clients.core.replaceNamespacedConfigMap({ ...metadata, body: { metadata, data: { "config.yaml": text } } });
  let program: Program;

  beforeAll(async () => {
    for (const name of [cluster.namespace, userWorkload.namespace]) {
      await olm.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
    }
    await clients.core.createNamespacedConfigMap({
      namespace: cluster.namespace,
      body: { metadata: cluster, data: { "config.yaml": theirs } },
    });
    // Prometheus Operator leaves a paused one alone, so its status is ours to say.
    const prometheus = {
      apiVersion: "monitoring.coreos.com/v1",
      kind: "Prometheus",
      metadata: { name: "user-workload", namespace: userWorkload.namespace },
    };
    await olm.apply({ ...prometheus, ...{ spec: { paused: true } } });
    const condition = { type: "Available", status: "True", lastTransitionTime: new Date().toISOString() };
    await clients.custom.patchNamespacedCustomObjectStatus({
      group: "monitoring.coreos.com",
      version: "v1",
      plural: "prometheuses",
      namespace: userWorkload.namespace,
      name: "user-workload",
      body: [
        {
          op: "add",
          path: "/status",
          value: {
            paused: true,
            replicas: 0,
            updatedReplicas: 0,
            availableReplicas: 0,
            unavailableReplicas: 0,
            conditions: [condition],
          },
        },
      ],
    });
    program = await new Program("monitoring").init(monitoring(`, retention: "7d"`));
  });
  afterAll(async () => {
    await clients.core.deleteNamespacedConfigMap(cluster);
    await deleteNamespace(clients.core, userWorkload.namespace);
  });

  it("gets our settings beside those of others, comments included (trap 39)", async () => {
    await program.up();
    expect(await textOf(cluster)).toBe(`${theirs}enableUserWorkload: true\n`);
    expect(await textOf(userWorkload)).toBe("prometheus:\n  retention: 7d\n");
  });

  it("keeps what somebody wrote meanwhile when ours change", async () => {
    await writeText(cluster, `${theirs}enableUserWorkload: true\ntelemeterClient:\n  enabled: false\n`);
    await writeText(userWorkload, "prometheus:\n  retention: 7d\n  logLevel: warn\n");
    program.write(monitoring(`, retention: "14d"`));
    await program.up();
    expect(await textOf(userWorkload)).toBe("prometheus:\n  retention: 14d\n  logLevel: warn\n");
    expect(await textOf(cluster)).toBe(`${theirs}enableUserWorkload: true\ntelemeterClient:\n  enabled: false\n`);
  });

  it("is mended after a refresh when somebody took ours away", async () => {
    await writeText(cluster, theirs);
    await program.must("refresh", "--yes", "--skip-preview", "--stack", program.stack);
    await program.up();
    expect(await textOf(cluster)).toBe(`${theirs}enableUserWorkload: true\n`);
  });

  it("is as others have it after destroy", async () => {
    await program.remove(program.stack);
    expect(await textOf(cluster)).toBe(theirs);
    expect(await textOf(userWorkload)).toBe("prometheus:\n  logLevel: warn\n");
  });
});
