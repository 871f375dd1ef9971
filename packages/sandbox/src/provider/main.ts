// The plugin executable: Pulumi's engine starts it with its own address, and reads the port from the first line.
import { endWithParent } from "../end-with-parent";
import { engineLog } from "./engine-log";
import { KubernetesProvider } from "./provider";
import { kubernetesSdkVersion } from "./sdk-version";
import { serveProvider } from "./server";

async function main(args: string[]): Promise<void> {
  const engineAddress = args.findLast((arg) => /^[^-].*:\d+$/.test(arg));
  if (engineAddress === undefined)
    throw new Error("Pulumi's engine starts this program; it needs the engine's address.");
  endWithParent();
  console.log(await serveProvider(new KubernetesProvider(engineLog(engineAddress)), kubernetesSdkVersion()));
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
