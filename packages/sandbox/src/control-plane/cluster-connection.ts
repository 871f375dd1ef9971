import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { pipeline } from "node:stream";
import type { ConnectionFailure, ResolveName } from "./cluster-names";

/** Connects to what a cluster's name stands for. */
export async function connectTo(
  resolve: ResolveName,
  host: string,
  port: number,
): Promise<{ socket: Socket } | { failure: ConnectionFailure }> {
  const target = await resolve(host, port);
  if (typeof target === "string") return { failure: target };
  const socket = connect({ ...target, noDelay: true });
  try {
    await once(socket, "connect");
    return { socket };
  } catch {
    return { failure: "refused" };
  }
}

/** Passes everything on in both directions until one side ends. */
export function join(client: Socket, upstream: Socket): void {
  client.setNoDelay(true);
  pipeline(client, upstream, () => upstream.destroy());
  pipeline(upstream, client, () => client.destroy());
}
