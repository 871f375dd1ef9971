import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import lockfile from "proper-lockfile";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { withSandboxLock } from "../../../../packages/sandbox/src/supervisor/sandbox-lock";

let state: string;
let lock: string;

beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), "lock-"));
  lock = join(state, "demo.lock");
  vi.stubEnv("VLLM_SERVING_STATE", state);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  rmSync(state, { recursive: true });
});

const work = () => withSandboxLock("demo", async () => existsSync(lock));

describe("the lock of a sandbox", () => {
  it("is there while the work is done, and then gone", async () => {
    expect(await work()).toBe(true);
    expect(existsSync(lock)).toBe(false);
  });

  it("of a command that is gone is taken over", async () => {
    mkdirSync(lock);
    const minuteAgo = Date.now() / 1000 - 60;
    utimesSync(lock, minuteAgo, minuteAgo);
    expect(await work()).toBe(true);
    expect(existsSync(lock)).toBe(false);
  });

  it("that stays with somebody else is named with what to do", async () => {
    const held = Object.assign(new Error("Lock file is already being held"), { code: "ELOCKED" });
    vi.spyOn(lockfile, "lock").mockRejectedValue(held);
    await expect(work()).rejects.toThrow(
      `Another command has been starting or stopping sandbox demo for more than 60 seconds: wait for it. If there is none, remove ${lock} and try again.`,
    );
  });

  it("is done without where the disk is full, so that a sandbox can be stopped", async () => {
    vi.spyOn(lockfile, "lock").mockRejectedValue(Object.assign(new Error("no space"), { code: "ENOSPC" }));
    expect(await work()).toBe(false);
  });
});
