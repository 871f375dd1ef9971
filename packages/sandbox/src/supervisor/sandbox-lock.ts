import { mkdirSync } from "node:fs";
import lockfile from "proper-lockfile";
import { stateFolder } from "../user-folders";
import { sandboxDirectory } from "./sandbox-directory";

const staleMs = 10_000;
const waitSeconds = 60;
const pollMs = 200;

/**
 * Runs work that decides over a sandbox's existence while no other process does. Held for moments: a running sandbox is
 * recognised by its daemon, whose identity cannot go stale as a lock can.
 * @throws Error when another process holds the lock for a minute.
 */
export async function withSandboxLock<T>(name: string, work: () => Promise<T>): Promise<T> {
  const release = await lock(sandboxDirectory(name), name);
  try {
    return await work();
  } finally {
    // Refused for a lock that was lost in between; what it guarded is done all the same.
    await release().catch(() => undefined);
  }
}

async function lock(directory: string, name: string): Promise<() => Promise<void>> {
  try {
    mkdirSync(stateFolder(), { recursive: true, mode: 0o700 });
    return await lockfile.lock(directory, {
      realpath: false,
      stale: staleMs,
      retries: { retries: (waitSeconds * 1000) / pollMs, factor: 1, minTimeout: pollMs, maxTimeout: pollMs },
      // Only a machine that slept in between loses the lock; its work is still the right thing to finish.
      onCompromised: () => undefined,
    });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    // A full disk has no room for the lock either, and must not keep anybody from stopping a sandbox.
    if (code === "ENOSPC" || code === "EDQUOT") return async () => undefined;
    if (code !== "ELOCKED") throw error;
    throw new Error(
      `Another command has been starting or stopping sandbox ${name} for more than ${waitSeconds} seconds: wait for it. If there is none, remove ${directory}.lock and try again.`,
    );
  }
}
