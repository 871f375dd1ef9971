import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import {
  contextNamespace,
  diffProviderConfig,
  loadKubeConfig,
} from "../../../../packages/sandbox/src/provider/kubeconfig";

const folder = mkdtempSync(join(tmpdir(), "vllm-serving-kubeconfig-"));
afterAll(() => rmSync(folder, { recursive: true }));

function kubeconfig(change: { server?: string; token?: string; namespace?: string } = {}): string {
  const { server = "https://one:6443", token = "s3cr3t-token", namespace = "team" } = change;
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      { name: "one", cluster: { server } },
      { name: "two", cluster: { server: "https://two:6443" } },
    ],
    users: [{ name: "me", user: { token } }],
    contexts: [
      { name: "first", context: { cluster: "one", user: "me", namespace } },
      { name: "second", context: { cluster: "two", user: "me" } },
    ],
    "current-context": "first",
  });
}

const load = (text: string, context = "", cluster = "") => loadKubeConfig({ kubeconfig: text, context, cluster });

describe("loadKubeConfig", () => {
  it("reads contents and files", () => {
    const file = join(folder, "config");
    writeFileSync(file, kubeconfig());
    for (const text of [kubeconfig(), file]) {
      const config = load(text);
      expect(config.getCurrentCluster()?.server).toBe("https://one:6443");
      expect(contextNamespace(config)).toBe("team");
    }
  });

  it("follows context and cluster", () => {
    expect(load(kubeconfig(), "second").getCurrentCluster()?.server).toBe("https://two:6443");
    expect(contextNamespace(load(kubeconfig(), "second"))).toBe("default");
    const config = load(kubeconfig(), "first", "two");
    expect(config.getCurrentCluster()?.server).toBe("https://two:6443");
    expect(config.getCurrentUser()?.token).toBe("s3cr3t-token");
    expect(contextNamespace(config)).toBe("team");
  });

  it.each([
    ["a context that is not there", kubeconfig(), "third", "", 'context "third" does not exist in the kubeconfig'],
    ["a cluster that is not there", kubeconfig(), "", "three", 'cluster "three" does not exist in the kubeconfig'],
    ["no current context", "apiVersion: v1", "", "", "the kubeconfig has no current context with a cluster"],
    [
      "contents that cannot be read",
      "token: s3cr3t-token\n : [",
      "",
      "",
      "the kubeconfig is neither the path of a file nor valid contents",
    ],
  ])("refuses %s and repeats nothing of it", (_what, text, context, cluster, message) => {
    expect(() => load(text, context, cluster)).toThrow(new Error(message));
  });
});

describe("diffProviderConfig", () => {
  const base = { kubeconfig: kubeconfig() };
  it.each([
    ["nothing", base, base, { changes: false, diffs: [], replaces: [] }],
    [
      "the credentials",
      base,
      { kubeconfig: kubeconfig({ token: "new" }) },
      { changes: true, diffs: ["kubeconfig"], replaces: [] },
    ],
    ["the namespace", base, { ...base, namespace: "x" }, { changes: true, diffs: ["namespace"], replaces: [] }],
    [
      "the server",
      base,
      { kubeconfig: kubeconfig({ server: "https://other" }) },
      { changes: true, diffs: ["kubeconfig"], replaces: ["kubeconfig"] },
    ],
    ["the context", base, { ...base, context: "second" }, { changes: true, diffs: ["context"], replaces: ["context"] }],
    [
      "the context to one of the same cluster",
      base,
      { ...base, context: "first" },
      { changes: true, diffs: ["context"], replaces: [] },
    ],
    [
      "the kubeconfig to one that is not known yet",
      base,
      { kubeconfig: "04da6b54-80e4-46f7-96ec-b56ff0331ba9" },
      { changes: true, diffs: ["kubeconfig"], replaces: ["kubeconfig"] },
    ],
    [
      "the server of the same identified cluster",
      { ...base, clusterIdentifier: "a" },
      { kubeconfig: kubeconfig({ server: "https://other" }), clusterIdentifier: "a" },
      { changes: true, diffs: ["kubeconfig"], replaces: [] },
    ],
    [
      "the identified cluster",
      { ...base, clusterIdentifier: "a" },
      { ...base, clusterIdentifier: "b" },
      { changes: true, diffs: ["clusterIdentifier"], replaces: ["clusterIdentifier"] },
    ],
    [
      "that it is identified",
      base,
      { ...base, clusterIdentifier: "a" },
      { changes: true, diffs: ["clusterIdentifier"], replaces: [] },
    ],
  ])("a change of %s", (_what, olds, news, diff) => {
    expect(diffProviderConfig(olds, news)).toEqual(diff);
  });
});
