import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { applyObjects } from "../../packages/sandbox/src/control-plane/api-client";
import { changed, render } from "../support/configuration";
import { type Run, runCommand } from "../support/run-command";
import { clientsOf, deleteNamespace, waitFor } from "./support/cluster";
import { scalingLoop } from "./support/scaling-loop";

const sandbox = inject("sandbox");
const { kubeConfig, core, objects } = clientsOf(sandbox);
const context = kubeConfig.getCurrentContext();
const [ours, theirs] = ["lint-ours", "lint-theirs"];
const folder = mkdtempSync(join(tmpdir(), "vllm-serving-lint-"));

function lintNamespace(namespace: string, kubeconfig = sandbox.kubeconfig): Promise<Run> {
  const named = ["--context", context, "--namespace", namespace, "--kubeconfig", kubeconfig];
  return runCommand("lint", ...named, "--json", "--fail-on", "info");
}

async function kindsIn(namespace: string): Promise<string[]> {
  const lists = await Promise.all(
    [["autoscaling/v2", "HorizontalPodAutoscaler"] as const, ["apps/v1", "Deployment"] as const].map(
      ([apiVersion, kind]) => objects.list(apiVersion, kind, namespace),
    ),
  );
  return lists.flatMap(({ items }) => items.map(({ metadata }) => metadata?.name ?? ""));
}

beforeAll(async () => {
  const served = render(changed("sandbox", { namespace: ours })).map(({ object }) => object);
  const isNamespace = ({ kind }: { kind: string }): boolean => kind === "Namespace";
  await applyObjects(kubeConfig, served.filter(isNamespace));
  await applyObjects(
    kubeConfig,
    served.filter((object) => !isNamespace(object)),
  );
  await waitFor("what KServe and KEDA make", async () => {
    const names = await kindsIn(ours);
    return names.includes("llama-predictor") && names.some((name) => name.startsWith("keda-hpa-"));
  });
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await Promise.all([ours, theirs].map((namespace) => deleteNamespace(core, namespace)));
});

describe("lint --context", () => {
  it("has nothing to say of a served model, nor of what KServe and KEDA made for it", async () => {
    expect(await lintNamespace(ours)).toEqual({ exitCode: undefined, out: '{\n  "findings": []\n}\n', error: "" });
  });

  it("warns where there is nothing", async () => {
    expect(await lintNamespace("lint-nowhere")).toEqual({
      exitCode: undefined,
      out: '{\n  "findings": []\n}\n',
      error: "Warning: Nothing to lint in lint-nowhere: is the name right?\n",
    });
  });

  it("finds what is wrong with somebody else's ScaledObject", async () => {
    const [namespace = {}, ...loop] = scalingLoop(theirs, "model");
    await applyObjects(kubeConfig, [namespace]);
    await applyObjects(kubeConfig, loop);
    const { exitCode, out } = await lintNamespace(theirs);
    const { findings }: { findings: { rule: string; file: string; path: string }[] } = JSON.parse(out);
    expect(findings).toContainEqual(
      expect.objectContaining({
        rule: "polling-interval-without-effect",
        file: `${context}:${theirs}/ScaledObject/model`,
        path: `ScaledObject ${theirs}/model: spec.pollingInterval`,
      }),
    );
    expect(exitCode).toBe(1);
  });

  it("has nothing to say of the platform", async () => {
    const { out } = await runCommand("lint", "--context", context, "--kubeconfig", sandbox.kubeconfig, "--json");
    const { findings }: { findings: { file: string }[] } = JSON.parse(out);
    const ofPlatform = /:(keda|kserve|monitoring|kube-\w+|default)\//;
    expect(findings.filter(({ file }) => ofPlatform.test(file))).toEqual([]);
  });

  it("says which kinds somebody may not list, and goes on with the others", async () => {
    const kubeconfig = await readerOf(ours, ["scaledobjects"]);
    const { exitCode, out, error } = await lintNamespace(ours, kubeconfig);
    expect([exitCode, JSON.parse(out)]).toEqual([undefined, { findings: [] }]);
    const warnings = error.trimEnd().split("\n");
    expect(warnings).toContainEqual(
      `Warning: InferenceService: not allowed to list: inferenceservices.serving.kserve.io is forbidden: User "system:serviceaccount:${ours}:reader" cannot list resource "inferenceservices" in API group "serving.kserve.io" in the namespace "${ours}"`,
    );
    expect(warnings.filter((warning) => warning.startsWith("Warning: ScaledObject:"))).toEqual([]);
  });

  it("ends with 2 where somebody may list nothing", async () => {
    const kubeconfig = await readerOf(ours, []);
    const { exitCode, out, error } = await lintNamespace(ours, kubeconfig);
    expect([exitCode, out]).toEqual([2, ""]);
    expect(error).toMatch(new RegExp(`^context ${context}: Nothing can be listed in context ${context}\\.`));
  });
});

/** A kubeconfig of a ServiceAccount that may list these kinds of KEDA and nothing else. */
async function readerOf(namespace: string, resources: string[]): Promise<string> {
  const metadata = { name: "reader", namespace };
  await applyObjects(kubeConfig, [
    { apiVersion: "v1", kind: "ServiceAccount", metadata },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "Role",
      metadata,
      rules: resources.length === 0 ? [] : [{ apiGroups: ["keda.sh"], resources, verbs: ["list"] }],
    },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      metadata,
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "reader" },
      subjects: [{ kind: "ServiceAccount", ...metadata }],
    },
  ]);
  const { status } = await core.createNamespacedServiceAccountToken({
    ...metadata,
    body: { spec: { audiences: [], expirationSeconds: 600 } },
  });
  const cluster = kubeConfig.getCurrentCluster();
  const path = join(folder, `kubeconfig-${resources.length}`);
  const certificate =
    cluster?.caData === undefined
      ? { "certificate-authority": cluster?.caFile }
      : { "certificate-authority-data": cluster.caData };
  writeFileSync(
    path,
    JSON.stringify({
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: "a", cluster: { server: cluster?.server, ...certificate } }],
      users: [{ name: "reader", user: { token: status?.token } }],
      contexts: [{ name: context, context: { cluster: "a", user: "reader" } }],
    }),
  );
  return path;
}
