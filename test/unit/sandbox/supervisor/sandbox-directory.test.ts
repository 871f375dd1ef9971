import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  makeSocketDirectory,
  removeSocketDirectory,
  requireSandboxName,
  sandboxDirectory,
} from "../../../../packages/sandbox/src/supervisor/sandbox-directory";
import { withSandboxLock } from "../../../../packages/sandbox/src/supervisor/sandbox-lock";

afterEach(() => vi.unstubAllEnvs());

describe("name of a sandbox", () => {
  it("is a DNS label", () => {
    for (const name of ["default", "a", "a-1", "x".repeat(63)]) expect(() => requireSandboxName(name)).not.toThrow();
    for (const name of ["", "A", "-a", "a-", "a_b", "a/b", "..", "x".repeat(64)]) {
      expect(() => requireSandboxName(name), name).toThrow(
        `name: ${JSON.stringify(name)} is not a name for a sandbox: use 1 to 63 lower-case letters, digits and "-", starting and ending with a letter or digit.`,
      );
    }
  });

  it("gives its folder, under VLLM_SERVING_STATE where that is set", () => {
    vi.stubEnv("VLLM_SERVING_STATE", "/state");
    expect(sandboxDirectory("a")).toBe("/state/a");
    vi.stubEnv("VLLM_SERVING_STATE", "");
    expect(sandboxDirectory("a")).toMatch(/vllm-serving\/sandboxes\/a$/);
  });
});

describe("folder of the sockets", () => {
  it("is the sandbox's own, or a short one that is removed with it", () => {
    expect(makeSocketDirectory("/state/a")).toBe("/state/a");
    const long = `/state/${"x".repeat(90)}`;
    const short = makeSocketDirectory(long);
    expect(statSync(short).mode & 0o777).toBe(0o700);
    expect(join(short, "api-server.sock").length).toBeLessThan(100);
    removeSocketDirectory(short, long);
    expect(() => statSync(short)).toThrow("ENOENT");
  });
});

describe("withSandboxLock", () => {
  it("lets one work on a sandbox at a time, and leaves no lock behind", async () => {
    const directory = mkdtempSync(join(tmpdir(), "lock-"));
    vi.stubEnv("VLLM_SERVING_STATE", directory);
    const order: string[] = [];
    const work = (id: string) =>
      withSandboxLock("a", async () => {
        order.push(`${id} begins`);
        await new Promise((resolve) => setTimeout(resolve, 20));
        order.push(`${id} ends`);
      });
    await Promise.all([work("1"), work("2")]);
    expect(order).toEqual(
      order[0] === "1 begins"
        ? ["1 begins", "1 ends", "2 begins", "2 ends"]
        : ["2 begins", "2 ends", "1 begins", "1 ends"],
    );
    await expect(withSandboxLock("a", () => Promise.reject(new Error("work failed")))).rejects.toThrow("work failed");
    expect(() => statSync(join(directory, "a.lock"))).toThrow("ENOENT");
    rmSync(directory, { recursive: true });
  });
});
