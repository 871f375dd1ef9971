import { spawnSync } from "node:child_process";

/**
 * Whether this system lets this user make a network namespace: macOS has none, and some Linux systems restrict them.
 * @param isolate Program that runs the command after it in a new network namespace that has only a loopback device.
 */
export function canIsolate(isolate: string): boolean {
  return spawnSync(isolate, ["--check"], { stdio: "ignore" }).status === 0;
}
