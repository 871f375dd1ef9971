import { z } from "zod";
import { fieldOf, type LiveObject } from "../manifests/platform/readiness";
import { clusterApi } from "./cluster-api";
import type { ClusterOperation } from "./operation";

const inputsSchema = z.object({
  kubeconfig: z.string().optional(),
  kinds: z.array(z.object({ apiVersion: z.string(), kind: z.string() })),
});

/** More would not help to find who made them. */
const mostNames = 5;

/** Stands in the way of a removal that would take objects with it, those of others too. It makes nothing. */
export const definitionsGuard: ClusterOperation = {
  create: async () => ({}),
  update: async () => ({}),
  read: async (outputs) => outputs,
  async delete(outputs) {
    const { kubeconfig, kinds } = inputsSchema.parse(outputs);
    const api = clusterApi(kubeconfig);
    const lists = await Promise.all(kinds.map(({ apiVersion, kind }) => api.list(apiVersion, kind)));
    const left = lists.flat().map(nameOf).sort();
    if (left.length > 0) {
      const more = left.length > mostNames ? ` and ${left.length - mostNames} more` : "";
      throw new Error(
        `Still there: ${left.slice(0, mostNames).join(", ")}${more}. They would go with their definitions: destroy what made them first, or delete them.`,
      );
    }
  },
};

function nameOf(live: LiveObject): string {
  const [kind, namespace, name] = ["kind", "metadata.namespace", "metadata.name"].map((path) => fieldOf(live, path));
  return `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
}
