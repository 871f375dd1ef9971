import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { definitionsGuard } from "../../../src/cluster/definitions-guard";
import { kedaKinds } from "../../../src/manifests/platform/keda";
import { knativeKinds } from "../../../src/manifests/platform/knative";
import { kserveKinds } from "../../../src/manifests/platform/kserve";
import { servedKinds } from "../../../src/manifests/platform/openshift/open-data-hub";
import { FakeApiServer } from "./fake-api-server";

const server = new FakeApiServer();
beforeAll(() => server.start());
beforeEach(() => server.answers.clear());
afterAll(() => server.stop());

const destroy = () => definitionsGuard.delete({ kubeconfig: server.kubeconfig, kinds: kserveKinds });

test("lets definitions go that have no objects, and those that are gone already", async () => {
  await destroy();
  server.serve("serving.kserve.io/v1beta1", "inferenceservices", "InferenceService", []);
  await destroy();
});

test("names who still has some, a few of them", async () => {
  const models = ["a", "b", "c", "d", "e", "f", "g"].map((name) => ({ namespace: "team", name }));
  server.serve("serving.kserve.io/v1beta1", "inferenceservices", "InferenceService", models.slice(0, 1));
  await expect(destroy()).rejects.toThrow(
    "Still there: InferenceService team/a. They would go with what is removed, or be left without what serves them: destroy what made them first, or delete them.",
  );
  server.serve("serving.kserve.io/v1beta1", "inferenceservices", "InferenceService", models);
  await expect(destroy()).rejects.toThrow(
    "InferenceService team/a, InferenceService team/b, InferenceService team/c, InferenceService team/d, InferenceService team/e and 2 more.",
  );
});

const alpha = "serving.kserve.io/v1alpha1";

test.each([
  [alpha, "servingruntimes", "ServingRuntime"],
  [alpha, "clusterservingruntimes", "ClusterServingRuntime"],
  [alpha, "clusterstoragecontainers", "ClusterStorageContainer"],
  [alpha, "inferencegraphs", "InferenceGraph"],
  [alpha, "trainedmodels", "TrainedModel"],
])("asks for every kind that KServe's definitions hold: %s %s", async (groupVersion, plural, kind) => {
  server.serve(groupVersion, plural, kind, [{ name: "theirs" }]);
  await expect(destroy()).rejects.toThrow(`Still there: ${kind} theirs.`);
});

test("lets go what the charts brought themselves, and nothing that another release brought", async () => {
  const of = (name: string, namespace: string) => ({
    "meta.helm.sh/release-name": name,
    "meta.helm.sh/release-namespace": namespace,
  });
  server.serve(alpha, "clusterstoragecontainers", "ClusterStorageContainer", [
    { name: "default", annotations: of("kserve-resources", "kserve") },
    { name: "theirs", annotations: of("kserve-resources", "team") },
    { name: "by-hand", annotations: { note: "kserve-resources" } },
  ]);
  const own = { releases: [{ namespace: "kserve", name: "kserve-resources" }], objects: [] };
  await expect(definitionsGuard.delete({ kubeconfig: server.kubeconfig, kinds: kserveKinds, own })).rejects.toThrow(
    "Still there: ClusterStorageContainer by-hand, ClusterStorageContainer theirs. ",
  );
});

test("lets Knative go with the one that this stack made, and with nothing of others", async () => {
  const target = { kubeconfig: server.kubeconfig, kinds: knativeKinds };
  const own = { releases: [], objects: [{ kind: "KnativeServing", namespace: "ours", name: "knative-serving" }] };
  const servings = (...namespaces: string[]) =>
    server.serve(
      "operator.knative.dev/v1beta1",
      "knativeservings",
      "KnativeServing",
      namespaces.map((namespace) => ({ namespace, name: "knative-serving" })),
    );
  servings("ours");
  await definitionsGuard.delete({ ...target, own });
  servings("ours", "theirs");
  await expect(definitionsGuard.delete({ ...target, own })).rejects.toThrow(
    "Still there: KnativeServing theirs/knative-serving. ",
  );
  servings("ours");
  server.serve("operator.knative.dev/v1beta1", "knativeeventings", "KnativeEventing", [{ namespace: "e", name: "e" }]);
  server.serve("serving.knative.dev/v1beta1", "domainmappings", "DomainMapping", [{ namespace: "d", name: "d" }]);
  await expect(definitionsGuard.delete({ ...target, own })).rejects.toThrow(
    "Still there: DomainMapping d/d, KnativeEventing e/e. ",
  );
});

test("names a Knative Service once, and not by what it made", async () => {
  const owned = [{ kind: "Service", apiVersion: "serving.knative.dev/v1", name: "a", uid: "1" }];
  const group = "serving.knative.dev/v1";
  server.serve(group, "services", "Service", [{ namespace: "team", name: "a" }]);
  server.serve(group, "routes", "Route", [
    { namespace: "team", name: "a", ownerReferences: owned },
    { namespace: "team", name: "b" },
  ]);
  await expect(definitionsGuard.delete({ kubeconfig: server.kubeconfig, kinds: knativeKinds })).rejects.toThrow(
    "Still there: Route team/b, Service team/a. ",
  );
});

test("names an object of two versions once", async () => {
  for (const version of ["v1alpha1", "v1alpha2"]) {
    server.serve(`serving.kserve.io/${version}`, "llminferenceservices", "LLMInferenceService", [{ name: "llm" }]);
  }
  await expect(definitionsGuard.delete({ kubeconfig: server.kubeconfig, kinds: servedKinds })).rejects.toThrow(
    "Still there: LLMInferenceService llm. ",
  );
});

test.each(kedaKinds.map(({ apiVersion, kind }) => [apiVersion, kind] as const))(
  "keeps KEDA while there is a %s %s, which could not be deleted without it",
  async (apiVersion, kind) => {
    server.serve(apiVersion, `${kind.toLowerCase()}s`, kind, [{ name: "theirs" }]);
    await expect(definitionsGuard.delete({ kubeconfig: server.kubeconfig, kinds: kedaKinds })).rejects.toThrow(
      `Still there: ${kind} theirs. `,
    );
  },
);

test("does not take an API server that does not answer for one without objects", async () => {
  const kubeconfig = server.kubeconfig.replace(/127\.0\.0\.1:\d+/, "127.0.0.1:1");
  await expect(definitionsGuard.delete({ kubeconfig, kinds: kserveKinds })).rejects.toThrow("ECONNREFUSED");
});
