import { existsSync } from "node:fs";
import { explainStateProblem } from "./supervisor/describe-error";
import { endProcesses, removeFiles } from "./supervisor/end-sandbox";
import { readOwner } from "./supervisor/owner";
import { defaultSandboxName, sandboxDirectory, sandboxFiles } from "./supervisor/sandbox-directory";
import { withSandboxLock } from "./supervisor/sandbox-lock";

export interface DownOptions {
  /** Leave the folder with the logs; default false. */
  keepLogs?: boolean;
}

/**
 * Stops a sandbox, also one that is still starting, whose daemon was killed or whose files are damaged, and removes its files.
 * @returns whether there was one.
 * @throws Error that names a process that could not be ended, or a folder that cannot be removed.
 */
export async function down(
  name: string = defaultSandboxName,
  { keepLogs = false }: DownOptions = {},
): Promise<boolean> {
  const files = sandboxFiles(sandboxDirectory(name));
  if (!existsSync(files.directory)) return false;
  try {
    return await withSandboxLock(name, async () => {
      const found = readOwner(files) !== undefined;
      await endProcesses(files);
      if (existsSync(files.directory)) removeFiles(files, { keepLogs });
      return found;
    });
  } catch (error) {
    throw explainStateProblem(error, files);
  }
}
