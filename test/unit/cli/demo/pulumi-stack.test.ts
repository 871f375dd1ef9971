import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PulumiError, PulumiStack, resourceChange } from "../../../../packages/cli/src/demo/pulumi-stack";

let directory: string;
let stack: PulumiStack;
let controller: AbortController;

/** A `pulumi` that notes how it was called and does what `script` says. */
function pulumi(script: string): void {
  const path = join(directory, "bin/pulumi");
  writeFileSync(path, `#!/bin/sh\necho "$PWD $*" >> ${directory}/calls\n${script}\n`);
  chmodSync(path, 0o755);
}
const calls = () => readFileSync(join(directory, "calls"), "utf8").trimEnd().split("\n");

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "pulumi-stack-"));
  for (const folder of ["bin", "logs", "project", "sandbox"]) mkdirSync(join(directory, folder));
  for (const file of ["Pulumi.yaml", "Pulumi.sandbox.yaml"])
    writeFileSync(join(directory, "project", file), `# ${file}`);
  controller = new AbortController();
  stack = new PulumiStack({
    state: {
      directory: join(directory, "sandbox"),
      logsDirectory: join(directory, "logs"),
      pulumiEnvironment: { PATH: `${directory}/bin:${process.env.PATH}` },
    },
    project: join(directory, "project"),
    name: "sandbox",
    signal: controller.signal,
  });
});
afterEach(() => rmSync(directory, { recursive: true }));

const suffix = "--non-interactive --color never";

describe("PulumiStack", () => {
  it("keeps what Pulumi writes into the configuration out of the project", async () => {
    pulumi(
      '[ "$1" = stack ] && echo "encryptionsalt: v1" >> Pulumi.sandbox.yaml; echo " +  kubernetes:core/v1:Service llama created (0.1s) "',
    );
    const lines: string[] = [];
    await stack.up((line) => lines.push(line));

    const copies = join(directory, "sandbox/demo-project");
    const configuration = `--stack sandbox --config-file ${copies}/Pulumi.sandbox.yaml`;
    expect(calls()).toEqual([
      `${copies} stack select sandbox --create ${suffix}`,
      `${directory}/project up --yes --skip-preview ${configuration} ${suffix}`,
    ]);
    expect(readFileSync(join(directory, "project/Pulumi.sandbox.yaml"), "utf8")).toBe("# Pulumi.sandbox.yaml");
    expect(lines).toEqual(["Service llama created"]);
    expect(readFileSync(join(directory, "logs/pulumi-up.log"), "utf8")).toContain("Service llama created (0.1s)");
  });

  it("fails with the whole output and names the log", async () => {
    pulumi("echo out; echo error: no changes were expected >&2; exit 7");
    const failure = await stack.expectNoChanges().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(PulumiError);
    expect(failure).toMatchObject({
      message: expect.stringMatching(/^pulumi preview failed:\n[\s\S]*error: no changes were expected/),
      log: join(directory, "logs/pulumi-preview.log"),
    });
  });

  it("lists the Kubernetes objects of the stack's state", async () => {
    const resource = (type: string, inputs?: unknown) => ({ type, ...(inputs === undefined ? {} : { inputs }) });
    const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "llm", labels: { a: "b" } } };
    const deployment = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "llama", namespace: "llm" } };
    const state = {
      deployment: {
        resources: [
          resource("pulumi:pulumi:Stack"),
          resource("pulumi:providers:kubernetes", { kubeconfig: "..." }),
          resource("kubernetes:core/v1:Namespace", namespace),
          resource("kubernetes:apps/v1:Deployment", deployment),
        ],
      },
    };
    writeFileSync(join(directory, "state.json"), JSON.stringify(state));
    pulumi(`cat ${directory}/state.json`);
    expect(await stack.objects()).toEqual([
      { apiVersion: "v1", kind: "Namespace", name: "llm" },
      { apiVersion: "apps/v1", kind: "Deployment", name: "llama", namespace: "llm" },
    ]);
  });

  it("has no objects when the state is empty", async () => {
    pulumi("echo '{\"deployment\":{}}'");
    expect(await stack.objects()).toEqual([]);
  });

  it("ends the command when it is stopped on request", async () => {
    pulumi("exec sleep 60");
    const destroying = stack.destroy(() => {});
    controller.abort(new Error("stopped on request"));
    await expect(destroying).rejects.toThrow("stopped on request");
  });
});

it.each([
  [" +  kubernetes:apps/v1:Deployment llama created (14s) ", "Deployment llama created"],
  [" -  vllm-serving:index:ServedModel llama deleted", "ServedModel llama deleted"],
  [" ++ kubernetes:core/v1:Service llama replaced (0.00s)", "Service llama replaced"],
  [" +  kubernetes:apps/v1:Deployment llama creating (0s)", undefined],
  ["@ updating....", undefined],
  ["    + 14 created", undefined],
])("resourceChange of %j is %s", (line, change) => expect(resourceChange(line)).toBe(change));
