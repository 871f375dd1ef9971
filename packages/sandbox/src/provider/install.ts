import { type ChildProcessByStdio, spawn } from "node:child_process";
import { chmod, mkdir, mkdtemp, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { credentials, Metadata } from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { shellQuoted } from "../shell-quoted";
import { helmVariable } from "./helm/helm-command";
import { kubernetesSdkVersion } from "./sdk-version";

const program = "pulumi-resource-kubernetes";
const probeMilliseconds = 10_000;

/** The compiled stand-in; the same from `src` and `dist`. */
const standInProgram = resolve(__dirname, "..", "..", "dist", "provider", "main.js");

export interface InstallProviderOptions {
  /** The sandbox's own `PULUMI_HOME`: nothing is written anywhere else. */
  pulumiHome: string;
  /** Where the person's own plugins are; `~/.pulumi` by default. */
  userPulumiHome?: string;
  /** Folders to look for an installed plugin in; those of `PATH` by default. */
  searchPath?: string[];
  /** The Helm that the stand-in runs; that of the PATH by default. */
  helm?: string;
  /** Version of the plugin; that of the installed `@pulumi/kubernetes` by default. */
  version?: string;
}

/**
 * Puts a Kubernetes provider into a `PULUMI_HOME`: a link to the official plugin where it is installed in the right
 * version, otherwise the stand-in. A second call replaces what the first one did.
 * @returns which of both it is.
 */
export async function installProvider(options: InstallProviderOptions): Promise<{ provider: "official" | "stand-in" }> {
  const version = options.version ?? kubernetesSdkVersion();
  const folder = `resource-kubernetes-v${version}`;
  const target = join(options.pulumiHome, "plugins", folder);
  const official = await findOfficial(options, version, folder);

  await mkdir(dirname(target), { recursive: true });
  const staging = await mkdtemp(join(dirname(target), ".kubernetes-"));
  try {
    const executable = join(staging, program);
    if (official === undefined) {
      await writeFile(executable, shim(process.execPath, standInProgram, options.helm));
      await chmod(executable, 0o755);
    } else {
      await symlink(official, executable);
    }
    await rm(target, { recursive: true, force: true });
    await rename(staging, target);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  return { provider: official === undefined ? "stand-in" : "official" };
}

function shim(node: string, main: string, helm: string | undefined): string {
  const environment = helm === undefined ? "" : `export ${helmVariable}=${shellQuoted(helm)}\n`;
  return `#!/bin/sh\n${environment}exec ${shellQuoted(node)} ${shellQuoted(main)} "$@"\n`;
}

async function findOfficial(
  options: InstallProviderOptions,
  version: string,
  folder: string,
): Promise<string | undefined> {
  const userHome = options.userPulumiHome ?? join(homedir(), ".pulumi");
  const installed = join(userHome, "plugins", folder, program);
  if (resolve(userHome) !== resolve(options.pulumiHome) && (await isFile(installed))) return installed;
  for (const path of options.searchPath ?? (process.env.PATH ?? "").split(delimiter)) {
    const candidate = join(path, program);
    if (path !== "" && (await isFile(candidate)) && (await reportsVersion(candidate, version))) return candidate;
  }
  return undefined;
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

/** Starts the plugin and asks it, as Pulumi's engine does: it has no option that prints its version. */
async function reportsVersion(path: string, version: string): Promise<boolean> {
  // The engine's address; the plugin does not connect to it before it has something to say.
  const plugin = spawn(path, ["127.0.0.1:1"], { stdio: ["ignore", "pipe", "ignore"] });
  try {
    const port = await firstLine(plugin);
    return (await pluginVersion(`127.0.0.1:${port}`)).replace(/^v/, "") === version;
  } catch {
    return false;
  } finally {
    plugin.kill();
  }
}

function firstLine(plugin: ChildProcessByStdio<null, Readable, null>): Promise<string> {
  return new Promise((resolvePort, reject) => {
    const timer = setTimeout(() => reject(new Error("no port")), probeMilliseconds);
    const lines = createInterface({ input: plugin.stdout });
    plugin.on("error", reject);
    lines.once("close", () => reject(new Error("no port")));
    lines.once("line", (line) => resolvePort(line.trim()));
    lines.once("line", () => clearTimeout(timer));
  });
}

function pluginVersion(address: string): Promise<string> {
  const client = new ResourceProviderClient(address, credentials.createInsecure());
  const deadline = Date.now() + probeMilliseconds;
  return new Promise((resolveVersion, reject) => {
    client.getPluginInfo(new Empty(), new Metadata(), { deadline }, (error, info) => {
      client.close();
      if (error === null) resolveVersion(info.getVersion());
      else reject(error);
    });
  });
}
