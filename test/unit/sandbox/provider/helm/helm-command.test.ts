import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KubeConfig } from "@kubernetes/client-node";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HelmError, helm, helmVariable } from "../../../../../packages/sandbox/src/provider/helm/helm-command";

const signal = new AbortController().signal;
let folder: string;

/** Puts a script in Helm's place. */
function asHelm(script: string): void {
  const program = join(folder, "helm");
  writeFileSync(program, `#!/bin/sh\n${script}\n`);
  chmodSync(program, 0o755);
  vi.stubEnv(helmVariable, program);
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "vllm-serving-fake-helm-"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

describe("helm", () => {
  it("gets the values on its input and a kubeconfig that only this user reads, which is gone afterwards", async () => {
    const cluster = new KubeConfig();
    cluster.loadFromClusterAndUser(
      { name: "c", server: "https://test.invalid", skipTLSVerify: false },
      { name: "u", token: "t" },
    );
    asHelm('cat; for last; do :; done; echo; stat -c %a "$last"; grep -c test.invalid "$last"; echo "$last"');
    const output = await helm(["install", "--values", "-"], { cluster, input: '{"token":"s"}', signal });
    const [values, mode, servers, kubeconfig = ""] = output.trim().split("\n");
    expect([values, mode, servers]).toEqual(['{"token":"s"}', "600", "1"]);
    expect(() => rmSync(kubeconfig)).toThrow("ENOENT");
  });

  it("fails with what Helm says, without its warnings and what it was doing", async () => {
    asHelm('echo "WARNING: readable by others" >&2; echo "Error: INSTALLATION FAILED: no space" >&2; exit 1');
    const failure = await helm(["install"], { signal }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(HelmError);
    expect(failure).toHaveProperty("message", "no space");
  });

  it("is interrupted, not killed, when the operation is cancelled", async () => {
    const cancellation = new AbortController();
    asHelm(
      `trap 'echo "Error: interrupted" >&2; exit 1' INT; touch ${join(folder, "started")}; while :; do sleep 0.1; done`,
    );
    const running = helm(["upgrade"], { signal: cancellation.signal }).catch((error: unknown) => String(error));
    await vi.waitFor(() => rmSync(join(folder, "started")), { timeout: 20_000 });
    cancellation.abort();
    expect(await running).toBe("HelmError: interrupted");
  });

  it("says how to provide it when it is not there", async () => {
    vi.stubEnv(helmVariable, join(folder, "none"));
    await expect(helm(["version"], { signal })).rejects.toThrow(
      `Helm is not there (${join(folder, "none")}): set ${helmVariable} to the program or put it on the PATH.`,
    );
  });
});
