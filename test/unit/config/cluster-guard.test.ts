import { describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { checkCluster } from "../../../src/config/cluster-guard";
import { formatProblems } from "../../../src/config/problems";

const file = "/home/me/.kube/config";

const kubeconfig = {
  apiVersion: "v1",
  kind: "Config",
  "current-context": "staging",
  contexts: [
    { name: "staging", context: { cluster: "staging-cluster", user: "me", namespace: "llm" } },
    { name: "production", context: { cluster: "production-cluster", user: "me-in-production" } },
    { name: "broken", context: { cluster: "gone", user: "me" } },
  ],
  clusters: [
    {
      name: "staging-cluster",
      cluster: { server: "https://staging.example.com:6443", "certificate-authority": "ca.crt" },
    },
    { name: "production-cluster", cluster: { server: "https://production.example.com:6443/" } },
  ],
  users: [
    { name: "me", user: { token: "staging-token", "client-key": "/keys/me.key", exec: { command: "./login" } } },
    { name: "me-in-production", user: { token: "production-token" } },
  ],
};

function check(settings: Parameters<typeof checkCluster>[2], text = stringify(kubeconfig)) {
  return checkCluster(text, file, settings);
}

function refusal(settings: Parameters<typeof checkCluster>[2], text?: string): string {
  const result = check(settings, text);
  return result.ok ? "not refused" : formatProblems(result.problems);
}

describe("the expected cluster", () => {
  test.each([
    ["by the context's name", undefined, { context: "staging" }, "staging"],
    ["by a pattern of it", undefined, { context: "stag*" }, "staging"],
    ["by the server", undefined, { server: "https://staging.example.com:6443" }, "staging"],
    ["by a pattern of the server", undefined, { server: "https://*.example.com:*" }, "staging"],
    [
      "with or without a slash at the end",
      "production",
      { server: "https://production.example.com:6443" },
      "production",
    ],
    ["by both", "production", { context: "production", server: "https://production.*" }, "production"],
  ])("%s", (_, context, expect_, selected) => {
    const result = check({ ...(context === undefined ? {} : { context }), expect: expect_ });
    expect(result.ok && result.cluster.context).toBe(selected);
  });

  test("has the server of the context", () => {
    const result = check({ expect: { context: "staging" } });
    expect(result.ok && result.cluster.server).toBe("https://staging.example.com:6443");
  });

  test("leaves the credentials of other clusters out and keeps files reachable", () => {
    const result = check({ expect: { context: "staging" } });
    expect(result.ok && parse(result.cluster.kubeconfig)).toEqual({
      apiVersion: "v1",
      kind: "Config",
      "current-context": "staging",
      contexts: [kubeconfig.contexts[0]],
      clusters: [
        {
          name: "staging-cluster",
          cluster: { server: "https://staging.example.com:6443", "certificate-authority": "/home/me/.kube/ca.crt" },
        },
      ],
      users: [
        {
          name: "me",
          user: { token: "staging-token", "client-key": "/keys/me.key", exec: { command: "/home/me/.kube/login" } },
        },
      ],
    });
  });
});

describe("another cluster", () => {
  test("is refused by its context, with both names and the fix", () => {
    expect(refusal({ expect: { context: "production" } })).toBe(
      '  vllm-serving:cluster.expect.context: Expected "production", but the context selected in /home/me/.kube/config is "staging". Nothing was touched. Select the right cluster by KUBECONFIG or vllm-serving:cluster.context, or correct what is expected.',
    );
  });

  test("is refused by its server though its context has the right name", () => {
    expect(refusal({ expect: { context: "staging", server: "https://production.example.com:6443" } })).toBe(
      '  vllm-serving:cluster.expect.server: Expected "https://production.example.com:6443", but the API server selected in /home/me/.kube/config is "https://staging.example.com:6443". Nothing was touched. Select the right cluster by KUBECONFIG or vllm-serving:cluster.context, or correct what is expected.',
    );
  });

  test("is refused by both at once", () => {
    expect(refusal({ expect: { context: "a", server: "b" } }).split("\n")).toHaveLength(2);
  });

  test.each([
    ["a dot is a dot", { server: "https://staging-example.com:6443" }],
    ["the whole name counts, not a part of it", { context: "stagin" }],
    ["nor the end of it", { context: "*taging-2" }],
    ["upper and lower case differ", { context: "Staging" }],
  ])("%s", (_, expected) => {
    expect(check({ expect: expected }).ok).toBe(false);
  });
});

describe("a kubeconfig that selects nothing", () => {
  const expected = { expect: { context: "staging" } };

  test("no current context", () => {
    expect(refusal(expected, stringify({ ...kubeconfig, "current-context": "" }))).toBe(
      "  vllm-serving:cluster.context: Missing, and /home/me/.kube/config has no current context. Choose one of its contexts: staging, production, broken.",
    );
  });

  test("a context that is not there", () => {
    expect(refusal({ ...expected, context: "prod" })).toBe(
      '  vllm-serving:cluster.context: "prod" is not in /home/me/.kube/config. Choose one of its contexts: staging, production, broken.',
    );
  });

  test("a context whose cluster is not there", () => {
    expect(refusal({ ...expected, context: "broken" })).toBe(
      '  vllm-serving:cluster.context: "broken" is of cluster "gone", which /home/me/.kube/config does not have: mend the file.',
    );
  });

  test.each([
    ["no YAML", "{ token: secret-token"],
    ["no mapping", "secret-token"],
    ["other mapping", "contexts: secret-token"],
  ])("%s, without repeating it", (_, text) => {
    expect(refusal(expected, text)).toBe(
      "  vllm-serving:cluster.kubeconfig: /home/me/.kube/config is no kubeconfig: name another file.",
    );
  });
});
