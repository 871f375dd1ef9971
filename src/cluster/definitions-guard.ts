import { z } from "zod";
import { fieldOf, isMapping, type LiveObject } from "../manifests/platform/readiness";
import { clusterApi } from "./cluster-api";
import type { ClusterOperation } from "./operation";

const inputsSchema = z.object({
  kubeconfig: z.string().optional(),
  kinds: z.array(z.object({ apiVersion: z.string(), kind: z.string() })),
  /** Objects that this stack made, which go before or with the definitions. */
  own: z
    .object({
      releases: z.array(z.object({ namespace: z.string(), name: z.string() })),
      objects: z.array(z.object({ kind: z.string(), namespace: z.string(), name: z.string() })),
    })
    .default({ releases: [], objects: [] }),
});
type Own = z.infer<typeof inputsSchema>["own"];

/** More would not help to find who made them. */
const mostNames = 5;

/** Stands in the way of a removal that would take objects with it, those of others too. It makes nothing. */
export const definitionsGuard: ClusterOperation = {
  create: async () => ({}),
  update: async () => ({}),
  read: async (outputs) => outputs,
  async delete(outputs) {
    const { kubeconfig, kinds, own } = inputsSchema.parse(outputs);
    const api = clusterApi(kubeconfig);
    const lists = await Promise.all(kinds.map(({ apiVersion, kind }) => api.list(apiVersion, kind)));
    const found = lists.flat().filter((live) => !isOwn(live, own) && !isOwnedByAny(live, kinds));
    // Of two versions of a kind each has the same objects.
    const left = [...new Set(found.map(nameOf))].sort();
    if (left.length > 0) {
      const more = left.length > mostNames ? ` and ${left.length - mostNames} more` : "";
      throw new Error(
        `Still there: ${left.slice(0, mostNames).join(", ")}${more}. They would go with what is removed, or be left without what serves them: destroy what made them first, or delete them.`,
      );
    }
  },
};

/** Helm says on each object which release has made it. */
function isOwn(live: LiveObject, { releases, objects }: Own): boolean {
  const annotations = fieldOf(live, "metadata.annotations");
  const [kind, namespace, name] = identityOf(live);
  return (
    objects.some((one) => one.kind === kind && one.namespace === namespace && one.name === name) ||
    (isMapping(annotations) &&
      releases.some(
        (one) =>
          annotations["meta.helm.sh/release-name"] === one.name &&
          annotations["meta.helm.sh/release-namespace"] === one.namespace,
      ))
  );
}

/** What is left of an object that is named already. */
function isOwnedByAny(live: LiveObject, kinds: readonly { kind: string }[]): boolean {
  const owners = fieldOf(live, "metadata.ownerReferences");
  return (
    Array.isArray(owners) &&
    owners.some((owner: unknown) => isMapping(owner) && kinds.some(({ kind }) => kind === owner.kind))
  );
}

function identityOf(live: LiveObject): unknown[] {
  return ["kind", "metadata.namespace", "metadata.name"].map((path) => fieldOf(live, path));
}

function nameOf(live: LiveObject): string {
  const [kind, namespace, name] = identityOf(live);
  return `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
}
