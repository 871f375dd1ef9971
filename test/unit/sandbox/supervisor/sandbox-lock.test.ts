import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { withSandboxLock } from "../../../../packages/sandbox/src/supervisor/sandbox-lock";

interface Lockfile {
  lock(...args: unknown[]): Promise<unknown>;
}

/** Error code with which locking is refused, if it is. */
let refusal: string | undefined;
vi.mock("proper-lockfile", async (original) => {
  const real = (await original<{ default: Lockfile }>()).default;
  const lock: Lockfile["lock"] = async (...args) => {
    if (refusal === undefined) return real.lock(...args);
    throw Object.assign(new Error("refused"), { code: refusal });
  };
  return { default: { ...real, lock } };
});

let state: string;
let lock: string;

beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), "lock-"));
  lock = join(state, "demo.lock");
  vi.stubEnv("VLLM_SERVING_STATE", state);
});
afterEach(() => {
  refusal = undefined;
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
    refusal = "ELOCKED";
    await expect(work()).rejects.toThrow(
      `Another command has been starting or stopping sandbox demo for more than 60 seconds: wait for it. If there is none, remove ${lock} and try again.`,
    );
  });

  it("is done without where the disk is full, so that a sandbox can be stopped", async () => {
    refusal = "ENOSPC";
    expect(await work()).toBe(false);
  });
});
