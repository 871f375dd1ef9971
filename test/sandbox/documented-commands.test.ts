import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { publishedPolicies } from "vllm-serving/lint";
import { parse } from "yaml";
import { applyObjects } from "../../packages/sandbox/src/control-plane/api-client";
import { ensureTools } from "../../packages/sandbox/src/tools/ensure-tools";
import { documentedCommands } from "../support/documented-commands";
import { clientsOf, deleteNamespace } from "./support/cluster";

const root = resolve(__dirname, "../..");
const sandbox = inject("sandbox");
const { kubeConfig, core } = clientsOf(sandbox);
const folder = mkdtempSync(join(tmpdir(), "vllm-serving-documented-"));
const bin = join(folder, "bin");

/** As somebody has it who follows the page: a project, manifests, and a cluster that the context `production` names. */
beforeAll(async () => {
  const { binaries } = await ensureTools();
  mkdirSync(bin);
  symlinkSync(join(root, "packages/cli/bin/vllm-serving.cjs"), join(bin, "vllm-serving"));
  symlinkSync(binaries.kubectl, join(bin, "kubectl"));
  for (const file of ["Pulumi.yaml", "Pulumi.kubernetes.yaml", "Pulumi.openshift.yaml"])
    cpSync(join(root, file), join(folder, file));
  const policy = publishedPolicies.find(({ id }) => id === "cache-of-a-plan")?.manifests ?? "";
  writeFileSync(join(folder, "scaled-object.yaml"), policy);
  kubeConfig.contexts = kubeConfig.contexts.map((context) => ({ ...context, name: "production" }));
  kubeConfig.setCurrentContext("production");
  writeFileSync(join(folder, "admin.kubeconfig"), kubeConfig.exportConfig());
  await applyObjects(kubeConfig, [{ apiVersion: "v1", kind: "Namespace", metadata: { name: "models" } }]);
  await applyObjects(kubeConfig, [parse(policy)]);
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await deleteNamespace(core, "models");
});

/** As in a pipeline: the output is no terminal, and `CI` is in the environment. */
async function typed(command: string, { cwd = folder, env = {} } = {}) {
  const { exitCode, all } = await execa("bash", ["-o", "pipefail", "-c", command], {
    cwd,
    env: {
      PATH: [bin, dirname(process.execPath), process.env.PATH].join(":"),
      KUBECONFIG: join(folder, "admin.kubeconfig"),
      CI: "true",
      ...env,
    },
    reject: false,
    all: true,
  });
  return { exitCode, all };
}

interface Outcome {
  exitCode: number;
  says: RegExp;
}
const refused: Outcome = { exitCode: 1, says: /intensive-average-value/ };

describe.each<[page: string, outcomes: Record<string, Outcome>, elsewhere: Record<string, string>]>([
  [
    "docs/lint.md",
    {
      "vllm-serving lint scaled-object.yaml": refused,
      "vllm-serving lint --env openshift": { exitCode: 0, says: /^Nothing to complain about\.$/ },
      "mkdir manifests && cp scaled-object.yaml manifests": { exitCode: 0, says: /^$/ },
      "vllm-serving lint manifests --fail-on warning --format github": {
        exitCode: 1,
        says: /^::error file=manifests/m,
      },
      "kubectl get scaledobjects,hpa,inferenceservices,podmonitors -A -o yaml | vllm-serving lint -": refused,
      "vllm-serving lint --context production": refused,
      "vllm-serving lint --context production --namespace models": refused,
      "vllm-serving lint --context production --namespace models --kubeconfig admin.kubeconfig": refused,
      "vllm-serving preset": { exitCode: 0, says: /^redhat-keda /m },
      "vllm-serving preset redhat-keda | vllm-serving lint - --vllm 0.6.6": refused,
    },
    {},
  ],
  [
    "docs/command-line.md",
    {
      "rm -rf manifests": { exitCode: 0, says: /^$/ },
      "vllm-serving render --env kubernetes --out manifests": { exitCode: 0, says: /manifests/ },
      "vllm-serving explain --env kubernetes --model llama-3-1-8b": {
        exitCode: 0,
        says: /^llama-3-1-8b in llm: ScaledObject/,
      },
      "vllm-serving lint manifests": { exitCode: 0, says: /^Nothing to complain about\.$/ },
      "vllm-serving lint --context production --namespace models": refused,
      "vllm-serving preset redhat-keda-repaired": { exitCode: 0, says: /^kind: ScaledObject$/m },
    },
    // Run elsewhere, with other names and addresses.
    {
      "kubectl patch application models -n argocd --type merge --patch-file manifests/argo-cd/application-patch.yaml":
        "none: no package brings the definition of Argo CD's Application",
      "vllm-serving verify --url https://llama.example.com --model llama --api-key-env LLAMA_KEY":
        "test/unit/cli/endpoint/verify.test.ts",
      "vllm-serving wake --wait --url http://127.0.0.1:8080 --host llama.example.com --model llama":
        "test/unit/cli/endpoint/wake.test.ts",
      "vllm-serving wake --manifest --url http://keda-add-ons-http-interceptor-proxy.keda:8080 --host llama.example.com --model llama   --namespace ci --api-key-secret llama:token | kubectl create -f -":
        "test/unit/cli/endpoint/wake.test.ts, without kubectl",
    },
  ],
])("the commands of %s", (page, outcomes, elsewhere) => {
  it("are these", () => {
    const preparations = Object.keys(outcomes).filter((command) => /^(mkdir|rm) /.test(command));
    const known = [...Object.keys(outcomes), ...Object.keys(elsewhere)].filter((one) => !preparations.includes(one));
    expect(known.sort()).toEqual(documentedCommands(page).sort());
  });

  it.each(Object.entries(outcomes))("%s", async (command, { exitCode, says }) => {
    const run = await typed(command);
    expect(run.all).toMatch(says);
    expect(run.exitCode).toBe(exitCode);
  });
});

it("npm run bench says how long the linter takes", async () => {
  const { exitCode, all } = await typed("npm run --silent bench -- --objects 20", { cwd: root });
  expect(all).toMatch(/^20 ScaledObjects, \d+\.\d MB: \d+\.\d s, \d+ MB of memory, \d+ findings$/m);
  expect(exitCode).toBe(0);
});

it("colours what goes into a file or a pipe only if it is asked to", async () => {
  const escapeCode = "\u001b[";
  for (const command of ["explain --env openshift", "lint scaled-object.yaml"]) {
    const plain = await typed(`vllm-serving ${command}`, { env: { FORCE_COLOR: "" } });
    expect(plain.all).not.toContain(escapeCode);
    expect((await typed(`vllm-serving ${command}`, { env: { FORCE_COLOR: "1" } })).all).toContain(escapeCode);
  }
});
