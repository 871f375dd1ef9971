// The plugin executable: Pulumi's engine starts it with its own address, and reads the port from the first line.
import { engineLog } from "./engine-log";
import { KubernetesProvider } from "./provider";
import { kubernetesSdkVersion } from "./sdk-version";
import { serveProvider } from "./server";

/** Ends this program when the engine is killed, which otherwise ends it itself. */
function endWithEngine(): void {
  const engine = process.ppid;
  setInterval(() => {
    if (process.ppid !== engine) process.exit(1);
  }, 2_000).unref();
}

async function main(args: string[]): Promise<void> {
  const engineAddress = args.findLast((arg) => /^[^-].*:\d+$/.test(arg));
  if (engineAddress === undefined)
    throw new Error("Pulumi's engine starts this program; it needs the engine's address.");
  endWithEngine();
  console.log(await serveProvider(new KubernetesProvider(engineLog(engineAddress)), kubernetesSdkVersion()));
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
