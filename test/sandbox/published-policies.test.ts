import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { publishedPolicies } from "vllm-serving/lint";
import { parse } from "yaml";
import { z } from "zod";
import { clientsOf } from "./support/cluster";
import { StrictValidation } from "./support/strict-validation";

const sandbox = inject("sandbox");
const namespace = "published-policies";
let cluster: StrictValidation;
beforeAll(async () => {
  cluster = await StrictValidation.inNamespace(sandbox, namespace);
});
afterAll(async () => {
  await clientsOf(sandbox).core.deleteNamespace({ name: namespace });
});

const applied = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string() }),
});
const read = (manifests: string) => applied.parse(parse(manifests));

describe("the real API server, KEDA and KServe", () => {
  it.each(publishedPolicies.filter(({ repaired }) => repaired !== undefined))(
    "accept $id-repaired",
    async ({ repaired = "" }) => {
      expect(await cluster.validate(read(repaired))).toBe("accepted");
    },
  );

  it("accept the formula of llmd-slo-aware as published", async () => {
    const policy = publishedPolicies.find(({ id }) => id === "llmd-slo-aware");
    expect(await cluster.validate(read(policy?.manifests ?? ""))).toBe("accepted");
  });

  it.each(["kserve-native-waiting", "ai-on-openshift"])("refuse the misspelled block of %s", async (id) => {
    const policy = publishedPolicies.find((each) => each.id === id);
    expect(await cluster.validate(read(policy?.manifests ?? ""))).toContain(
      ".spec.predictor.autoscaling: field not declared in schema",
    );
  });
});
