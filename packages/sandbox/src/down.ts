import { existsSync } from "node:fs";
import { endProcesses, removeFiles } from "./supervisor/end-sandbox";
import { readOwner } from "./supervisor/owner";
import { defaultSandboxName, sandboxDirectory, sandboxFiles } from "./supervisor/sandbox-directory";
import { withSandboxLock } from "./supervisor/sandbox-lock";

export interface DownOptions {
  /** Leave the folder with the logs; default false. */
  keepLogs?: boolean;
}

/**
 * Stops a sandbox, also one that is still starting or whose daemon was killed, and removes its files.
 * @returns whether there was one.
 * @throws Error that names a process that could not be ended.
 */
export async function down(
  name: string = defaultSandboxName,
  { keepLogs = false }: DownOptions = {},
): Promise<boolean> {
  const files = sandboxFiles(sandboxDirectory(name));
  if (!existsSync(files.directory)) return false;
  return withSandboxLock(name, async () => {
    const found = readOwner(files) !== undefined;
    await endProcesses(files);
    if (existsSync(files.directory)) removeFiles(files, { keepLogs });
    return found;
  });
}
