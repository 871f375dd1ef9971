import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { pipeline } from "node:stream";
import type { ResolveName } from "./cluster-names";

/** Why there is no connection: the name stands for nothing, or nothing accepts connections behind it. */
export type ConnectionFailure = "unknown-host" | "refused";

/** Connects to what a cluster's name stands for. */
export async function connectTo(
  resolve: ResolveName,
  host: string,
  port: number,
): Promise<{ socket: Socket } | { failure: ConnectionFailure }> {
  const target = resolve(host, port);
  if (target === undefined) return { failure: "unknown-host" };
  const socket = connect(target);
  try {
    await once(socket, "connect");
    return { socket };
  } catch {
    return { failure: "refused" };
  }
}

/** Passes everything on in both directions until one side ends. */
export function join(client: Socket, upstream: Socket): void {
  pipeline(client, upstream, () => upstream.destroy());
  pipeline(upstream, client, () => client.destroy());
}
