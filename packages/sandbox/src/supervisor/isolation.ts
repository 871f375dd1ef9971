import { spawnSync } from "node:child_process";

/**
 * Why this system does not let this user make a network namespace: macOS has none, and some Linux systems restrict them.
 * Undefined where it does.
 * @param isolate Program that runs the command after it in a new network namespace that has only a loopback device.
 */
export function isolationProblem(isolate: string): string | undefined {
  const { status, stderr, error } = spawnSync(isolate, ["--check"], {
    stdio: ["ignore", "ignore", "pipe"],
    encoding: "utf8",
  });
  if (status === 0) return undefined;
  const said = (stderr ?? "").trim().replace(/^isolate: /, "");
  return said === "" ? (error?.message ?? `${isolate} --check ended with exit code ${status}`) : said;
}
