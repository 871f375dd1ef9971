import { readlinkSync } from "node:fs";
import { type SandboxState, status } from "@vllm-serving/sandbox";
import { execa } from "execa";

/** Command before one that runs in the network of the sandbox's parts, where they reach its ports of 127.0.0.1. */
async function intoNetwork(sandbox: SandboxState): Promise<string[]> {
  if (sandbox.isolation === "none") return [];
  const parts = (await status(sandbox.name))?.parts ?? [];
  const pid = parts.find(({ name }) => name === "prometheus")?.pid;
  if (pid === undefined) throw new Error("The sandbox's Prometheus has no process.");
  // A user who is not root has made the network together with a user namespace, which goes first.
  const user = (process: string) => readlinkSync(`/proc/${process}/ns/user`);
  const namespaces = user("self") === user(String(pid)) ? ["--net"] : ["--user", "--preserve-credentials", "--net"];
  return ["nsenter", "--target", String(pid), ...namespaces];
}

/** Starts a program there. */
export async function startInNetwork(sandbox: SandboxState, program: string, args: string[]) {
  const [command = program, ...rest] = [...(await intoNetwork(sandbox)), program, ...args];
  return { started: execa(command, rest, { reject: false, all: true }) };
}
