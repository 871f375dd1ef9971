import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { deleteNamespace, waitFor } from "../sandbox/support/cluster";
import { definitionNames } from "../sandbox/support/openshift/definitions";
import { FakeOpenShift, operatorGroups, v1alpha1 } from "../sandbox/support/openshift/fake-openshift";

const cluster = new FakeOpenShift(inject("sandbox"));
const { clients, olm, read, names, programOf } = cluster;

beforeAll(() => cluster.start());
afterAll(() => cluster.stop());

describe("OpenShift AI and Open Data Hub of version 2", () => {
  const initialization = () => read("dscinitialization.opendatahub.io/v1", "DSCInitialization", "default-dsci");
  const components = () => read("datasciencecluster.opendatahub.io/v1", "DataScienceCluster", "default-dsc");
  const serving = () => read("operator.knative.dev/v1beta1", "KnativeServing", "knative-serving", "knative-serving");
  const forget = () => cluster.forget(definitionNames().filter((name) => name.endsWith("opendatahub.io")));

  beforeAll(async () => {
    await forget();
    // Every cluster has both.
    await olm.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: "openshift-operators" } });
    const metadata = { name: "global-operators", namespace: "openshift-operators" };
    await olm.apply({ ...operatorGroups, metadata, ...{ spec: {} } });
  });
  afterAll(async () => {
    const names = ["openshift-operators", "istio-system", "redhat-ods-applications", "opendatahub"];
    for (const name of names) await deleteNamespace(clients.core, name).catch(() => {});
  });

  it("serve through Knative, which the product makes from operators of ours", async () => {
    const pieces = (longestRequestSeconds: number) => `
      const platform = new vllm.ServingPlatform("platform", {
        ...target,
        knative: { mode: "install", longestRequestSeconds: ${longestRequestSeconds} },
        serviceMesh: { mode: "install" },
        authorino: { mode: "install" },
        kserve: { mode: "install", productVersion: "2.22.0", serverless: true },
      }, options);
      exports.kept = platform.kept;`;
    const program = await programOf("serverless").init(pieces(900));
    await program.up();
    expect((await initialization())?.spec).toMatchObject({
      applicationsNamespace: "redhat-ods-applications",
      serviceMesh: { managementState: "Managed" },
    });
    expect((await components())?.spec).toMatchObject({
      components: { kserve: { defaultDeploymentMode: "Serverless", serving: { managementState: "Managed" } } },
    });
    // The product's, with what models need.
    const { metadata, spec } = (await serving()) ?? {};
    expect(metadata?.labels).toEqual({ "platform.opendatahub.io/dependency": "serverless" });
    expect(spec).toMatchObject({
      ingress: { istio: { enabled: true } },
      config: {
        autoscaler: { "allow-zero-initial-scale": "true" },
        defaults: { "max-revision-timeout-seconds": "900" },
        features: { "kubernetes.podspec-persistent-volume-claim": "enabled" },
      },
    });
    expect(await names(v1alpha1, "Subscription", "openshift-operators")).toEqual([
      "authorino-operator",
      "servicemeshoperator",
    ]);
    await program.up("--expect-no-changes");

    program.write(pieces(1200));
    await program.up();
    const changed = await serving();
    expect(changed?.metadata.labels).toEqual({ "platform.opendatahub.io/dependency": "serverless" });
    expect(changed?.spec).toMatchObject({
      ingress: { istio: { enabled: true } },
      config: { defaults: { "max-revision-timeout-seconds": "1200" } },
    });

    expect(JSON.parse(await program.must("stack", "output", "kept", "--json"))).toContain(
      "ServiceMeshControlPlane istio-system/data-science-smcp, which OpenShift AI made for that DSCInitialization.",
    );
    await program.remove(program.stack);
    expect(await components()).toBeUndefined();
    expect(await serving()).toBeUndefined();
    expect(await initialization()).toBeDefined();
    expect(await read("maistra.io/v2", "ServiceMeshControlPlane", "data-science-smcp", "istio-system")).toBeDefined();
    expect(await names(v1alpha1, "Subscription", "openshift-operators")).toEqual([]);
    expect(await names(operatorGroups.apiVersion, operatorGroups.kind, "openshift-operators")).toEqual([
      "global-operators",
    ]);
    for (const gone of ["openshift-serverless", "knative-serving", "redhat-ods-operator"]) {
      expect(await read("v1", "Namespace", gone), gone).toBeUndefined();
    }
    await forget();
  });

  const kserve = (mode: string) =>
    `new vllm.KServe("kserve", { ...target, mode: "${mode}", product: "openDataHub", productVersion: "2.33.0",
      operator: { startingCsv: "opendatahub-operator.v2.33.0" } }, options);`;

  it("serve with plain Deployments, without a mesh", async () => {
    const program = await programOf("plain").init(kserve("install"));
    await program.up();
    expect((await initialization())?.spec).toMatchObject({ serviceMesh: { managementState: "Removed" } });
    expect((await components())?.spec).toMatchObject({
      components: { kserve: { defaultDeploymentMode: "RawDeployment", serving: { managementState: "Removed" } } },
    });
    await program.remove(program.stack);
    expect(await components()).toBeUndefined();
    expect(await read("v1", "Namespace", "opendatahub-operator-system")).toBeUndefined();
    await forget();
  });

  it("of others have KServe switched on, and all else left, also by destroy", async () => {
    const namespace = "opendatahub-operator-system";
    await clients.core.createNamespace({ body: { metadata: { name: namespace } } });
    await olm.apply({ ...operatorGroups, metadata: { name: "theirs", namespace }, ...{ spec: {} } });
    const spec = {
      name: "opendatahub-operator",
      channel: "fast",
      source: "community-operators",
      sourceNamespace: "openshift-marketplace",
      installPlanApproval: "Automatic",
      startingCSV: "opendatahub-operator.v2.33.0",
    };
    await olm.apply({
      ...{ apiVersion: v1alpha1, kind: "Subscription", metadata: { name: "theirs", namespace } },
      ...{ spec },
    });
    await waitFor("their initialization", async () => (await initialization()) !== undefined);
    const theirs = {
      applicationsNamespace: "opendatahub",
      monitoring: { managementState: "Removed", namespace: "elsewhere" },
      trustedCABundle: { managementState: "Managed", customCABundle: "their certificates" },
      serviceMesh: {
        managementState: "Managed",
        controlPlane: { name: "theirs", namespace: "mesh", metricsCollection: "None" },
      },
    };
    const parts = {
      dashboard: { managementState: "Removed" },
      workbenches: { managementState: "Managed" },
      kserve: {
        managementState: "Removed",
        rawDeploymentServiceConfig: "Headless",
        defaultDeploymentMode: "Serverless",
        serving: { managementState: "Managed", name: "knative-serving" },
      },
    };
    const [initializations, clusters] = ["dscinitialization", "datasciencecluster"].map(
      (group) => `${group}.opendatahub.io/v1`,
    );
    await olm.apply({
      ...{ apiVersion: initializations ?? "", kind: "DSCInitialization", metadata: { name: "default-dsci" } },
      ...{ spec: theirs },
    });
    await olm.apply({
      ...{ apiVersion: clusters ?? "", kind: "DataScienceCluster", metadata: { name: "default-dsc" } },
      ...{ spec: { components: parts } },
    });

    const program = await programOf("taken").init(kserve("adopt"));
    await program.up();
    const switchedOn = { components: { ...parts, kserve: { ...parts.kserve, managementState: "Managed" } } };
    expect((await initialization())?.spec).toEqual(theirs);
    expect((await components())?.spec).toEqual(switchedOn);
    await program.remove(program.stack);
    expect((await initialization())?.spec).toEqual(theirs);
    expect((await components())?.spec).toEqual(switchedOn);
    expect(await names(v1alpha1, "Subscription", namespace)).toEqual(["theirs"]);
    await deleteNamespace(clients.core, namespace);
  });
});
