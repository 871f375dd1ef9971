import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parse, parseAllDocuments, stringify } from "yaml";
import { runCommand } from "../../../support/run-command";

const root = resolve(__dirname, "../../../..");
let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "vllm-serving-render-"));
  for (const file of ["Pulumi.yaml", "Pulumi.kubernetes.yaml"]) cpSync(join(root, file), join(folder, file));
  const withDeployment = readFileSync(file("kubernetes"), "utf8").replace(
    "createNamespace: false",
    "createNamespace: true\n      backend: deployment",
  );
  writeFileSync(file("deployment"), withDeployment);
  process.chdir(folder);
});
afterEach(() => {
  process.chdir(root);
  rmSync(folder, { recursive: true });
});

const render = (...args: string[]) => runCommand("render", ...args);

async function rendered(...args: string[]): Promise<string> {
  return (await render(...args)).out;
}

const out = () => join(folder, "manifests");
const file = (environment: string) => join(folder, `Pulumi.${environment}.yaml`);

test("an environment is the file that a path names", async () => {
  const byPath = await rendered(file("kubernetes"));
  expect(parseAllDocuments(byPath)).toHaveLength(7);
  mkdirSync(join(folder, "below"));
  process.chdir(join(folder, "below"));
  expect(await rendered("--env", "kubernetes")).toBe(byPath);
});

test("says beside the objects what up warns of", async () => {
  const slow = readFileSync(file("kubernetes"), "utf8").replace("atMostMs: 75", "atMostMs: 76");
  writeFileSync(file("slow"), slow);
  const { error, exitCode } = await render(file("slow"));
  expect(error).toContain(
    "Warning: Model llama-3-1-8b: slo.itl: 76 ms is not a bucket edge of inter_token_latency_seconds.",
  );
  expect(exitCode).toBeUndefined();
});

test("says that there is nothing to render", async () => {
  const all = parse(readFileSync(file("kubernetes"), "utf8"));
  all.config["vllm-serving:models"] = [];
  writeFileSync(file("nothing"), stringify(all));
  const { error, out, exitCode } = await render(file("nothing"));
  expect([out, exitCode]).toEqual(["", undefined]);
  expect(error).toBe(
    "Warning: This stack makes nothing: it has no models, and its platform installs nothing. It only tells other stacks of the platform; to serve, add models.\n",
  );
  all.config["vllm-serving:platform"].keda = { mode: "install" };
  writeFileSync(file("nothing"), stringify(all));
  expect((await render(file("nothing"))).error).not.toContain("This stack makes nothing");
});

test("says of the platform what is not fully supported", async () => {
  const openshift = readFileSync(join(root, "Pulumi.openshift.yaml"), "utf8");
  writeFileSync(
    file("held"),
    openshift.replace(/^ {2}vllm-serving:platform:\n/m, "$&    kedaHttpAddon:\n      mode: existing\n"),
  );
  expect((await render(file("held"))).error).toContain(
    "Warning: Platform: KEDA's HTTP add-on is a community project: Red Hat does not support it",
  );
});

describe("into a folder", () => {
  test("goes one file an object, each of which reads back as that object", async () => {
    const { objects }: { objects: { path: string; object: object }[] } = JSON.parse(
      await rendered(file("kubernetes"), "--json"),
    );
    const text = await rendered(file("kubernetes"), "--out", out());
    expect(text).toContain(`is rendered in ${out()}: 7 written, 0 unchanged, 0 removed.\n  + `);
    expect(readdirSync(out()).sort()).toEqual(objects.map(({ path }) => path).sort());
    for (const { path, object } of objects) {
      expect(parse(readFileSync(join(out(), path), "utf8"))).toEqual(object);
    }
  });

  test("a model less is its files less", async () => {
    await render(file("deployment"), "--out", out(), "--argo-cd");
    const before = readdirSync(out());
    const text = readFileSync(file("deployment"), "utf8").replace("name: llama-3-1-8b", "name: other");
    writeFileSync(file("deployment"), text);
    const changes = JSON.parse(await rendered(file("deployment"), "--out", out(), "--argo-cd", "--json"));
    expect(changes).toMatchObject({
      source: file("deployment"),
      folder: out(),
      unchanged: ["00-cluster_namespace_llm.yaml"],
    });
    expect(changes.removed.sort()).toEqual(before.filter((path) => path.includes("llama")).sort());
    expect(changes.written).toHaveLength(7);
  });

  test("for Argo CD there are waves, and the patch of an Application that no reader of manifests takes for one", async () => {
    await render(file("deployment"), "--out", out(), "--argo-cd");
    const deployment = readFileSync(join(out(), "60-llm_deployment_llama-3-1-8b.yaml"), "utf8");
    expect(deployment).toContain('argocd.argoproj.io/sync-wave: "60"');
    const patch = readFileSync(join(out(), "argo-cd/application-patch.yaml"), "utf8");
    expect(patch).toMatch(/^# \+argocd:skip-file-rendering$/m);
    expect(parse(patch)).toMatchObject({ spec: { ignoreDifferences: [{ kind: "Deployment", name: "llama-3-1-8b" }] } });
  });
});

test("a platform's Helm releases are files of values with the command, apart from the manifests", async () => {
  const installed = readFileSync(file("kubernetes"), "utf8").replace(
    "    distribution: kubernetes\n",
    "    distribution: kubernetes\n    certManager:\n      mode: install\n    kedaHttpAddon:\n      mode: install\n",
  );
  writeFileSync(file("kubernetes"), installed);
  const { out: stream, error } = await render(file("kubernetes"));
  expect(stream).toContain("# 00-cluster_namespace_cert-manager.yaml");
  expect(error).toContain("Helm releases, whose values and commands --out writes: cert-manager, keda-add-ons-http.");
  await render(file("kubernetes"), "--out", out());
  expect(readdirSync(join(out(), "helm"))).toEqual(["20-cert-manager.yaml", "50-keda-add-ons-http.yaml"]);
  const release = readFileSync(join(out(), "helm/50-keda-add-ons-http.yaml"), "utf8");
  expect(release).toContain(
    "#   helm upgrade --install keda-add-ons-http keda-add-ons-http --repo https://kedacore.github.io/charts --version 0.15.0 --namespace keda --wait --timeout 600s --values 50-keda-add-ons-http.yaml\n",
  );
  expect(parse(release)).toEqual({
    interceptor: { responseHeaderTimeout: "600s", drainTimeout: "600s", terminationGracePeriodSeconds: 615 },
  });
});

describe("a secret", () => {
  const secret = "v1:ciphertext:0123456789";

  test("of another program in the same file is neither needed nor shown", async () => {
    const plain = await rendered(file("kubernetes"));
    const text = readFileSync(file("kubernetes"), "utf8");
    writeFileSync(
      file("kubernetes"),
      `encryptionsalt: v1:salt\n${text.replace("config:", `config:\n  other:token:\n    secure: ${secret}`)}`,
    );
    expect(await rendered(file("kubernetes"))).toBe(plain);
  });

  test("where a field of ours takes none is refused by its path, not by its value", async () => {
    const text = readFileSync(file("kubernetes"), "utf8");
    writeFileSync(
      file("kubernetes"),
      text.replace(/ {6}servedModelName: .*/, `      servedModelName:\n        secure: ${secret}`),
    );
    const { exitCode, out: shown, error } = await render(file("kubernetes"));
    expect(exitCode).toBe(1);
    expect(error).toContain("has 1 problem:\n  vllm-serving:models[0].servedModelName: Encrypted");
    expect(error + shown).not.toContain("ciphertext");
  });
});

describe("says what to do", () => {
  test("with an environment that is not there", async () => {
    await expect(render("--env", "prod")).rejects.toThrow(
      `There is no environment prod: Pulumi.prod.yaml is not in ${folder}, which has deployment, kubernetes.`,
    );
  });

  test("outside of a project", async () => {
    rmSync(join(folder, "Pulumi.yaml"));
    await expect(render("--env", "kubernetes")).rejects.toThrow("There is no Pulumi.yaml here or in a folder above");
  });

  test.each([
    [[], "Give the configuration's file, or its environment with --env."],
    [["Pulumi.kubernetes.yaml", "--env", "sandbox"], "Give a file or --env, not both."],
    [["--env", "kubernetes", "--argo-cd"], "--argo-cd needs --out"],
  ])("with %j", async (args, message) => {
    await expect(render(...args)).rejects.toThrow(message);
  });

  test("with everything that is wrong, as JSON too", async () => {
    writeFileSync(file("kubernetes"), readFileSync(file("kubernetes"), "utf8").replace("max: 7", "max: 0"));
    const { exitCode, out: shown } = await render(file("kubernetes"), "--json");
    expect(exitCode).toBe(1);
    expect(JSON.parse(shown).problems).toEqual([
      { path: "vllm-serving:models[0].replicas.max", message: expect.stringContaining("0 must be") },
    ]);
  });
});
