import { resolve } from "node:path";
import { ensureTools } from "@vllm-serving/sandbox";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { loadConfigurationFile, parseConfiguration, renderConfiguration } from "vllm-serving/config";
import { clientsOf, deleteNamespace } from "./support/cluster";

const sandbox = inject("sandbox");
const { core } = clientsOf(sandbox);

/** Creates an object as a dry run on the server: unknown fields are errors there, and admission webhooks are asked. */
async function validate(object: object): Promise<string> {
  const { binaries } = await ensureTools();
  const run = await execa(binaries.kubectl, ["create", "--dry-run=server", "--validate=strict", "-f", "-"], {
    env: { KUBECONFIG: sandbox.kubeconfig },
    input: JSON.stringify(object),
    reject: false,
  });
  return run.exitCode === 0 ? "accepted" : run.stderr;
}

describe.each(["sandbox", "kubernetes", "openshift"])("the objects of the %s environment", (environment) => {
  const parsed = parseConfiguration(loadConfigurationFile(resolve(__dirname, `../../Pulumi.${environment}.yaml`)));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  // The model's namespace exists, as it does when a stack creates the others.
  const rendered = renderConfiguration(parsed.configuration).filter(({ object }) => object.kind !== "Namespace");

  beforeAll(() => core.createNamespace({ body: { metadata: { name: "llm" } } }));
  afterAll(() => deleteNamespace(core, "llm"));

  it.each(rendered)("$path is accepted with strict field validation", async ({ object }) => {
    expect(await validate(object)).toBe("accepted");
  });

  it("would be refused with a field that does not exist", async () => {
    for (const { object } of rendered) {
      const answer = await validate({ ...object, unknownField: true });
      expect(answer, object.kind).toMatch(/unknown field .*unknownField/);
    }
  });
});
