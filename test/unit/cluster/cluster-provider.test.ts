import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { clusterProvider } from "../../../src/cluster/provider";
import { FakeCluster } from "./fake-cluster";

let server: FakeCluster;
beforeEach(async () => {
  server = new FakeCluster();
  await server.listen();
});
afterEach(() => server.close());

type Properties = Readonly<Record<string, unknown>>;

const create = async (inputs: Properties): Promise<Properties> => (await clusterProvider.create(inputs)).outs ?? {};
const update = async (olds: Properties, news: Properties): Promise<Properties> =>
  (await clusterProvider.update?.("id", olds, news))?.outs ?? {};
const destroy = (outputs: Properties) => clusterProvider.delete?.("id", outputs);
const read = (outputs: Properties) => clusterProvider.read?.("id", outputs);

/** What an operation that must fail ends with: its message, and what Pulumi remembers of it. */
async function failureOf(work: Promise<unknown>): Promise<{ message: string; remembered: unknown }> {
  try {
    await work;
  } catch (error) {
    const remembered = error instanceof Error && "properties" in error ? error.properties : undefined;
    return { message: error instanceof Error ? error.message : String(error), remembered };
  }
  throw new Error("It succeeded.");
}

describe("a ConfigMap of others", () => {
  const header = { namespace: "monitoring", name: "config" };
  const key = "ConfigMap monitoring/config";
  const inputs = (value = true): Properties => ({
    operation: "mergedConfigMap",
    kubeconfig: server.kubeconfig,
    timeoutSeconds: 10,
    configMap: { ...header, key: "config.yaml" },
    settings: [{ path: ["enableUserWorkload"], value }],
  });
  const write = (text: string) =>
    server.put("ConfigMap", {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: header,
      data: { "config.yaml": text, other: "x" },
    });
  const data = () => server.objects.get(key)?.data;

  test("gets the settings, and keeps its other keys (trap 39)", async () => {
    write("a: 1\n");
    await create(inputs());
    expect(data()).toEqual({ "config.yaml": "a: 1\nenableUserWorkload: true\n", other: "x" });
  });

  test("is read again when somebody writes it in between, on up and on destroy", async () => {
    write("a: 1\n");
    let faster = 1;
    server.beforeWrite = () => {
      if (faster > 0) write("a: 1\nb: 2\n");
      faster -= 1;
    };
    const outputs = await create(inputs());
    expect(data()).toEqual({ "config.yaml": "a: 1\nb: 2\nenableUserWorkload: true\n", other: "x" });
    expect(server.writes).toEqual([`PATCH ${key}`, `PATCH ${key}`]);

    server.beforeWrite = () => {
      if (faster === -1) write("a: 1\nb: 2\nenableUserWorkload: true\nc: 3\n");
      faster -= 1;
    };
    await destroy(outputs);
    expect(data()).toEqual({ "config.yaml": "a: 1\nb: 2\nc: 3\n", other: "x" });
  });

  test("is made where there is none, and removed again if nobody else wrote into it", async () => {
    const outputs = await create(inputs());
    expect(data()).toEqual({ "config.yaml": "enableUserWorkload: true\n" });
    await destroy(outputs);
    expect(server.objects.size).toBe(0);
  });

  test("that was made stays with what others wrote into it", async () => {
    const outputs = await create(inputs());
    server.put("ConfigMap", { metadata: header, data: { "config.yaml": "enableUserWorkload: true\na: 1\n" } });
    await destroy(outputs);
    expect(data()).toEqual({ "config.yaml": "a: 1\n" });
  });

  test("has a changed setting, and on destroy what it had before the first", async () => {
    write("enableUserWorkload: maybe\n");
    const first = await create(inputs());
    const second = await update(first, inputs(false));
    expect(data()).toMatchObject({ "config.yaml": "enableUserWorkload: false\n" });
    await destroy(second);
    expect(data()).toMatchObject({ "config.yaml": "enableUserWorkload: maybe\n" });
  });

  test("is not written when it has the settings, and seen as changed when it lost them", async () => {
    write("enableUserWorkload: true\n");
    const outputs = await create(inputs());
    expect(server.writes).toEqual([]);
    expect((await read(outputs))?.props?.drifted).toBe(false);
    write("a: 1\n");
    const props = (await read(outputs))?.props ?? {};
    expect(props.drifted).toBe(true);
    expect((await clusterProvider.diff?.("id", props, inputs()))?.changes).toBe(true);
  });

  test("that is no YAML is left alone", async () => {
    write("a: [\n");
    const { message } = await failureOf(create({ ...inputs(), timeoutSeconds: 0 }));
    expect(message).toContain("ConfigMap monitoring/config: not within 0 s, because the text is no YAML mapping");
    expect(server.writes).toEqual([]);
  });
});

describe("an operator", () => {
  const operator = {
    package: "keda-operator",
    namespace: "openshift-keda",
    channel: "stable",
    catalog: "redhat-operators",
    catalogNamespace: "openshift-marketplace",
    monitored: true,
  };
  const inputs = (more: Properties = {}, of: Properties = {}): Properties => ({
    operation: "olmOperator",
    kubeconfig: server.kubeconfig,
    timeoutSeconds: 10,
    madeBy: "project/stack/keda",
    adopt: false,
    operator: { ...operator, ...of },
    ...more,
  });
  const { namespace } = operator;
  const names = () => [...server.objects.keys()].sort();
  const subscribe = (name: string, annotations: Record<string, string> = {}) =>
    server.put("Subscription", {
      metadata: { name, namespace, annotations },
      spec: { name: operator.package, channel: "stable", source: "redhat-operators", installPlanApproval: "Automatic" },
    });

  /** Installs what a Subscription asks for, as soon as it is there, or its InstallPlan is approved. */
  function runOlm(): void {
    server.afterRequest = () => {
      for (const object of [...server.objects.values()]) {
        const { spec, metadata } = object;
        if (object.kind !== "Subscription" && object.status !== undefined) continue;
        if (typeof spec !== "object" || spec === null || !("name" in spec) || object.status !== undefined) continue;
        const csv = "startingCSV" in spec ? String(spec.startingCSV) : "keda.v2";
        const manual = "installPlanApproval" in spec && spec.installPlanApproval === "Manual";
        if (manual && !isApproved(csv)) continue;
        server.put("ClusterServiceVersion", { metadata: { name: csv, namespace }, status: { phase: "Succeeded" } });
        server.put("Subscription", { ...object, metadata, status: { installedCSV: csv } });
      }
    };
  }

  function isApproved(csv: string): boolean {
    const key = `InstallPlan ${namespace}/plan-${csv}`;
    const plan = server.objects.get(key);
    if (plan === undefined) {
      for (const version of [csv, "keda.v9"]) {
        server.put("InstallPlan", {
          metadata: { name: `plan-${version}`, namespace },
          spec: { approved: false, clusterServiceVersionNames: [version] },
        });
      }
    }
    return (
      typeof plan?.spec === "object" && plan.spec !== null && "approved" in plan.spec && plan.spec.approved === true
    );
  }

  test("is installed with one OperatorGroup and Subscription, and removed with its version", async () => {
    runOlm();
    const outputs = await create(inputs());
    expect(names()).toEqual([
      "ClusterServiceVersion openshift-keda/keda.v2",
      "OperatorGroup openshift-keda/keda-operator",
      "Subscription openshift-keda/keda-operator",
    ]);
    expect(outputs.csv).toBe("keda.v2");
    await destroy(outputs);
    expect(names()).toEqual([]);
  });

  test("at a pinned version has the one InstallPlan approved that leads to it", async () => {
    runOlm();
    const outputs = await create(inputs({}, { startingCsv: "keda.v1" }));
    expect(outputs.csv).toBe("keda.v1");
    expect(server.objects.get(`InstallPlan ${namespace}/plan-keda.v1`)?.spec).toMatchObject({ approved: true });
    expect(server.objects.get(`InstallPlan ${namespace}/plan-keda.v9`)?.spec).toMatchObject({ approved: false });
  });

  test("that is half installed by an interrupted run is gone on with", async () => {
    const made = { annotations: { "vllm-serving.dev/made-by": "project/stack/keda" } };
    server.put("OperatorGroup", { metadata: { name: operator.package, namespace, ...made }, spec: {} });
    subscribe(operator.package, made.annotations);
    runOlm();
    const outputs = await create(inputs());
    expect(server.writes.filter((one) => one.startsWith("POST"))).toEqual([]);
    await destroy(outputs);
    expect(names()).toEqual([]);
  });

  test("that does not get ready is remembered, and the reason told", async () => {
    const { message, remembered } = await failureOf(create(inputs({ timeoutSeconds: 0 })));
    expect(message).toBe(
      "Operator keda-operator in openshift-keda: not within 0 s, because Subscription keda-operator has no installedCSV. Run it again to go on waiting.",
    );
    expect(remembered).toMatchObject({
      madeSubscription: true,
      madeOperatorGroup: true,
      subscriptionName: "keda-operator",
    });
  });

  test("of somebody else is neither installed again nor touched", async () => {
    subscribe("theirs");
    const { message } = await failureOf(create(inputs()));
    expect(message).toBe(
      'namespace openshift-keda has a Subscription to keda-operator that this stack did not make: use mode "adopt", or "existing"',
    );
    expect(names()).toEqual(["OperatorGroup openshift-keda/keda-operator", "Subscription openshift-keda/theirs"]);
  });

  test("that is adopted keeps its OperatorGroup, and outlives destroy", async () => {
    server.put("OperatorGroup", { metadata: { name: "theirs", namespace }, spec: {} });
    subscribe("theirs");
    runOlm();
    const outputs = await create(inputs({ adopt: true }));
    await destroy(outputs);
    expect(names()).toEqual([
      "ClusterServiceVersion openshift-keda/keda.v2",
      "OperatorGroup openshift-keda/theirs",
      "Subscription openshift-keda/theirs",
    ]);
  });

  test("that is adopted goes on waiting for its owners' approval, unless a version is pinned", async () => {
    server.put("Subscription", {
      metadata: { name: "theirs", namespace },
      spec: { name: operator.package, channel: "eus", source: "redhat-operators", installPlanApproval: "Manual" },
      status: { installedCSV: "keda.v1" },
    });
    server.put("ClusterServiceVersion", { metadata: { name: "keda.v1", namespace }, status: { phase: "Succeeded" } });
    const spec = () => server.objects.get(`Subscription ${namespace}/theirs`)?.spec;
    await create(inputs({ adopt: true }));
    expect(spec()).toMatchObject({ channel: "stable", installPlanApproval: "Manual" });
  });

  test("that was installed and is then adopted outlives destroy too", async () => {
    runOlm();
    const outputs = await update(await create(inputs()), inputs({ adopt: true }));
    await destroy(outputs);
    expect(names()).toContain("Subscription openshift-keda/keda-operator");
    expect(names()).toContain("OperatorGroup openshift-keda/keda-operator");
  });

  test("is not adopted where there is none, or where it is elsewhere", async () => {
    expect((await failureOf(create(inputs({ adopt: true })))).message).toBe(
      'there is no Subscription to keda-operator to adopt: use mode "install"',
    );
    subscribe("theirs");
    const elsewhere = inputs({ adopt: true }, { namespace: "other" });
    expect((await failureOf(create(elsewhere))).message).toBe(
      "the Subscription to keda-operator is in namespace openshift-keda: write that as the namespace",
    );
  });

  test("is not installed into a namespace with two OperatorGroups", async () => {
    for (const name of ["a", "b"]) server.put("OperatorGroup", { metadata: { name, namespace }, spec: {} });
    expect((await failureOf(create(inputs()))).message).toBe(
      "namespace openshift-keda has 2 OperatorGroups (a, b), with which OLM installs nothing: delete all but one",
    );
    expect(server.writes).toEqual([]);
  });

  test("credentials that do not suffice are told at once", async () => {
    server.forbidden = "OperatorGroup";
    expect((await failureOf(create(inputs()))).message).toBe("the API server answers 403: operatorgroups is forbidden");
  });

  test("that is gone is made again, and one in another namespace is another one", async () => {
    runOlm();
    const outputs = await create(inputs());
    server.objects.clear();
    expect(await read(outputs)).toEqual({ id: "" });
    expect(await clusterProvider.diff?.("id", outputs, inputs({}, { namespace: "other" }))).toEqual({
      changes: true,
      replaces: ["operator"],
      deleteBeforeReplace: true,
    });
  });
});

describe("objects that others make", () => {
  const inputs = (timeoutSeconds: number): Properties => ({
    operation: "readyObjects",
    kubeconfig: server.kubeconfig,
    timeoutSeconds,
    objects: [
      { apiVersion: "apps/v1", kind: "Deployment", namespace: "keda", name: "operator", condition: "Available" },
      { apiVersion: "nvidia.com/v1", kind: "ClusterPolicy", name: "policy" },
    ],
  });

  test("are waited for, also when their kind is not there yet", async () => {
    expect((await failureOf(create(inputs(0)))).message).toBe(
      "Waiting until it serves: not within 0 s, because Deployment keda/operator is not there. Run it again to go on waiting.",
    );
    const conditions = [{ type: "Available", status: "True" }];
    server.put("Deployment", { metadata: { name: "operator", namespace: "keda" }, status: { conditions } });
    expect((await failureOf(create(inputs(0)))).message).toContain("ClusterPolicy policy is not there");
  });
});

describe("differences", () => {
  const inputs = { operation: "readyObjects", timeoutSeconds: 10, objects: [] };
  const changes = async (olds: Properties, news: Properties) =>
    (await clusterProvider.diff?.("id", olds, news))?.changes;

  test("are those of the settings and of a usable kubeconfig", async () => {
    const { kubeconfig } = server;
    const olds = { ...inputs, kubeconfig, __provider: "old", csv: "a.v1" };
    expect(await changes(olds, { ...inputs, kubeconfig, __provider: "new" })).toBe(false);
    expect(await changes(olds, { ...inputs, kubeconfig, timeoutSeconds: 20 })).toBe(true);
    expect(await changes(olds, { ...inputs, kubeconfig: kubeconfig.replace("127.0.0.1", "localhost") })).toBe(true);
    expect(await changes(olds, { ...inputs, kubeconfig: '{"clusters":[],"contexts":[],"users":[]}' })).toBe(false);
  });

  test("of an operation that this version does not know are an error that says so", async () => {
    await expect(clusterProvider.diff?.("id", { operation: "newer" }, {})).rejects.toThrow(
      'This version of vllm-serving knows no operation "newer": use the one that made it.',
    );
  });
});
