import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { definitionsGuard } from "../../../src/cluster/definitions-guard";
import { kserveKinds } from "../../../src/manifests/platform/kserve";
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
    "Still there: InferenceService team/a. They would go with their definitions: destroy what made them first, or delete them.",
  );
  server.serve("serving.kserve.io/v1beta1", "inferenceservices", "InferenceService", models);
  await expect(destroy()).rejects.toThrow(
    "InferenceService team/a, InferenceService team/b, InferenceService team/c, InferenceService team/d, InferenceService team/e and 2 more.",
  );
});

test("does not take an API server that does not answer for one without objects", async () => {
  const kubeconfig = server.kubeconfig.replace(/127\.0\.0\.1:\d+/, "127.0.0.1:1");
  await expect(definitionsGuard.delete({ kubeconfig, kinds: kserveKinds })).rejects.toThrow("ECONNREFUSED");
});
