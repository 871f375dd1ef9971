import { mkdirSync } from "node:fs";
import lockfile from "proper-lockfile";
import { sandboxDirectory, sandboxesDirectory } from "./sandbox-directory";

/**
 * Runs work that decides over a sandbox's existence while no other process does. Held for moments: a running sandbox is
 * recognised by its daemon, whose identity cannot go stale as a lock can.
 * @throws Error when another process holds the lock for half a minute.
 */
export async function withSandboxLock<T>(name: string, work: () => Promise<T>): Promise<T> {
  mkdirSync(sandboxesDirectory(), { recursive: true, mode: 0o700 });
  const release = await lockfile.lock(sandboxDirectory(name), {
    realpath: false,
    stale: 10_000,
    retries: { retries: 150, factor: 1, minTimeout: 200, maxTimeout: 200 },
    // Only a machine that slept in between loses the lock; its work is still the right thing to finish.
    onCompromised: () => undefined,
  });
  try {
    return await work();
  } finally {
    // Refused for a lock that was lost in between; what it guarded is done all the same.
    await release().catch(() => undefined);
  }
}
