import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { documentedCommands } from "../support/documented-commands";

const root = resolve(__dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "vllm-serving-typed-"));
/** The sandbox of this test's own, which is not a user's. */
const environment = {
  VLLM_SERVING_STATE: join(folder, "state"),
  PATH: [dirname(process.execPath), process.env.PATH].join(":"),
  // There is nobody to confirm.
  PULUMI_SKIP_CONFIRMATIONS: "true",
};

/** A clone as the documents have it, without its tests. */
beforeAll(() => {
  for (const shared of ["node_modules", "src", "dist", "package.json", "tsconfig.json", "tsconfig.base.json"])
    symlinkSync(join(root, shared), join(folder, shared));
  for (const file of ["Pulumi.yaml", "Pulumi.kubernetes.yaml", "examples/performance-validation"])
    cpSync(join(root, file), join(folder, file), { recursive: true });
});
afterAll(async () => {
  await typed(["npx vllm-serving sandbox down"]);
  rmSync(folder, { recursive: true });
});

/** In one shell, which ends with the first command that fails. */
async function typed(commands: string[], cwd = folder) {
  const run = await execa("bash", ["-e", "-o", "pipefail", "-c", commands.join("\n")], {
    cwd,
    env: environment,
    reject: false,
    all: true,
    stdin: "ignore",
  });
  expect(`${run.exitCode}: ${run.all}`).toMatch(/^0: /);
  return run.stdout;
}

describe("what docs/sandbox.md tells to type", () => {
  const page = documentedCommands("docs/sandbox.md");
  const [start = "", status = "", stop = "", use = "", configure = "", init = "", up = "", ask = "", ...further] = page;

  it("is known", () => {
    expect([start, status, stop]).toEqual(["up", "status", "down"].map((verb) => `npx vllm-serving sandbox ${verb}`));
    // Asked with other names in test/sandbox/kserve.test.ts and test/release/http-scale-to-zero.test.ts.
    expect(further).toEqual([
      "curl http://127.0.0.1:<router port>/<namespace>/<name>-predictor/v1/models",
      "curl -i -H 'Host: llama.example.com' http://127.0.0.1:<interceptor port>/v1/models",
    ]);
  });

  it("starts a sandbox and brings an environment up in it, whose model answers", async () => {
    expect(await typed([start, status])).toMatch(/^Sandbox default: healthy$/m);
    const [router = ""] = /http:\/\/127\.0\.0\.1:\d+(?=\/<namespace>)/.exec(await typed([status])) ?? [];
    expect(ask).toMatch(/^curl http:\/\/127\.0\.0\.1:<router port>\//);
    const said = await typed([use, configure, init, up, ask.replace("http://127.0.0.1:<router port>", router)]);
    expect(said).toContain('"id":"meta-llama/Llama-3.1-8B-Instruct"');
  });
});

it("what examples/README.md tells to type brings an example up there, and destroys it", async () => {
  const [change = "", ...commands] = documentedCommands("examples/README.md");
  expect(change).toBe("cd examples/performance-validation");
  expect(commands.at(-1)).toBe("pulumi up --stack try");
  const said = await typed([change, ...commands, "pulumi destroy --stack try"]);
  expect(said).toMatch(/^kind: InferenceService$/m);
  expect(said).toMatch(/^Resources:\n {4}- \d+ deleted$/m);
});

it("and what is told to type at the end stops the sandbox", async () => {
  expect(await typed(["npx vllm-serving sandbox down"])).toBe("Sandbox default is down.");
});
