import { dirname, resolve, sep } from "node:path";
import { parse, stringify } from "yaml";
import { z } from "zod";

/** The part of a kubeconfig that we read; the rest is passed on. Source: `k8s.io/client-go/tools/clientcmd/api/v1`. */
const kubeconfigSchema = z.looseObject({
  "current-context": z.string().default(""),
  contexts: z
    .array(
      z.looseObject({
        name: z.string(),
        context: z.looseObject({ cluster: z.string(), user: z.string().default("") }),
      }),
    )
    .default([]),
  clusters: z.array(z.looseObject({ name: z.string(), cluster: z.looseObject({ server: z.string() }) })).default([]),
  users: z.array(z.looseObject({ name: z.string(), user: z.looseObject({}) })).default([]),
});
export type Kubeconfig = z.infer<typeof kubeconfigSchema>;

/** `undefined` if the text is no kubeconfig. What is wrong with it is not said: it may hold credentials. */
export function parseKubeconfig(text: string): Kubeconfig | undefined {
  try {
    return kubeconfigSchema.safeParse(parse(text)).data;
  } catch {
    return undefined;
  }
}

/** A kubeconfig in which no cluster is, so that a provider made from it never falls back to an ambient one. */
export const emptyKubeconfig = stringify({ apiVersion: "v1", kind: "Config", clusters: [], contexts: [], users: [] });

/**
 * A kubeconfig with one context, its cluster and its user only: other clusters' credentials do not belong into a stack's state,
 * and changes to them are no changes to the stack. Paths of files become absolute, since they are relative to `file`.
 */
export function onlyContext(kubeconfig: Kubeconfig, contextName: string, file: string): string {
  const contexts = kubeconfig.contexts.filter(({ name }) => name === contextName);
  const clusters = kubeconfig.clusters.filter(({ name }) => contexts.some(({ context }) => context.cluster === name));
  const users = kubeconfig.users.filter(({ name }) => contexts.some(({ context }) => context.user === name));
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": contextName,
    contexts,
    clusters: clusters.map((entry) => ({ ...entry, cluster: withAbsolutePaths(entry.cluster, file) })),
    users: users.map((entry) => ({ ...entry, user: withAbsolutePaths(entry.user, file) })),
  });
}

/** Fields that hold paths. Source: `clientcmd.GetClusterFileReferences` and `GetAuthInfoFileReferences`. */
const pathFields = ["certificate-authority", "client-certificate", "client-key", "tokenFile"];

function withAbsolutePaths(fields: Record<string, unknown>, file: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, absolute(key, value, file)]));
}

function absolute(key: string, value: unknown, file: string): unknown {
  if (key === "exec" && isMapping(value)) {
    // A command without a separator is looked up in PATH.
    const { command } = value;
    return typeof command === "string" && command.includes(sep)
      ? { ...value, command: fromFolder(command, file) }
      : value;
  }
  return pathFields.includes(key) && typeof value === "string" && value !== "" ? fromFolder(value, file) : value;
}

function fromFolder(path: string, file: string): string {
  return resolve(dirname(file), path);
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
