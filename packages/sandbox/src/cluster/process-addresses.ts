import type { V1Pod } from "@kubernetes/client-node";
import { z } from "zod";
import { sandboxAnnotations } from "./sandbox-annotations";

const portsSchema = z.record(z.string(), z.string());

/** Where the ports of a pod are served on this machine, `127.0.0.1:<port>`; empty for a pod without a process. */
export function processAddresses({ metadata }: V1Pod): ReadonlyMap<number, string> {
  const annotations = metadata?.annotations ?? {};
  const address = annotations[sandboxAnnotations.address];
  const port = annotations[sandboxAnnotations.port];
  const addresses = new Map(Object.entries(severalPorts(annotations[sandboxAnnotations.ports])));
  if (address !== undefined && port !== undefined) addresses.set(port, address);
  return new Map([...addresses].map(([containerPort, one]) => [Number(containerPort), one]));
}

/** Anybody may write annotations: one that does not read as ports says nothing. */
function severalPorts(json: string | undefined): Record<string, string> {
  if (json === undefined) return {};
  try {
    return portsSchema.parse(JSON.parse(json));
  } catch {
    return {};
  }
}
