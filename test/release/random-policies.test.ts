import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { inParallel } from "../sandbox/support/in-parallel";
import { askPrometheus } from "../sandbox/support/prometheus";
import { StrictValidation } from "../sandbox/support/strict-validation";
import { compiled } from "../unit/policy/policy-inputs";
import { richPolicyInput } from "../unit/policy/random-inputs";

const sandbox = inject("sandbox");
const seed = 20_261_127;
const count = 500;

let validation: StrictValidation;
beforeAll(async () => {
  validation = await StrictValidation.inNamespace(sandbox, "random-policies");
});
afterAll(() => validation.end());

describe(`${count} random policies of seed ${seed}`, () => {
  const policies = fc.sample(richPolicyInput, { seed, numRuns: count }).map((input) => compiled(input));

  it("are accepted by the API server with strict field validation, and by KEDA's admission webhook", async () => {
    const answers = await inParallel(policies, async ({ scaledObject }) => {
      const answer = await validation.validate(scaledObject);
      return answer === "accepted" ? [] : [`${answer}: ${JSON.stringify(scaledObject)}`];
    });
    expect(answers).toHaveLength(count);
    expect(answers.flat()).toEqual([]);
  });

  it("have queries that Prometheus executes", async () => {
    const queries = policies.flatMap(({ scaledObject, saturationQuery }) => [
      ...scaledObject.spec.triggers.flatMap(({ metadata }) => metadata.query ?? []),
      saturationQuery,
    ]);
    const answers = await inParallel(queries, async (query) => {
      const { status, error } = await askPrometheus(sandbox, "query", query);
      return status === "success" ? [] : [`${error}: ${query}`];
    });
    expect(answers.length).toBeGreaterThan(3 * count);
    expect(answers.flat()).toEqual([]);
  });

  it("would be refused with what only the webhook refuses", async () => {
    const [policy] = policies;
    if (policy === undefined) throw new Error("there is no policy");
    const { spec } = policy.scaledObject;
    const twice = { ...policy.scaledObject, spec: { ...spec, triggers: [...spec.triggers, ...spec.triggers] } };
    expect(await validation.validate(twice)).toMatch(
      /^admission webhook "vscaledobject.kb.io" denied the request: triggerName ".+" is defined multiple times/,
    );
  });
});
