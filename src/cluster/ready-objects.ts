import { z } from "zod";
import { unreadiness } from "../manifests/platform/readiness";
import { clusterApi } from "./cluster-api";
import type { ClusterOperation } from "./operation";
import { poll } from "./poll";

const inputsSchema = z.object({
  kubeconfig: z.string().optional(),
  timeoutSeconds: z.number(),
  objects: z.array(
    z.object({
      apiVersion: z.string(),
      kind: z.string(),
      namespace: z.string().optional(),
      name: z.string(),
      condition: z.string().optional(),
      field: z.string().optional(),
      is: z.string().optional(),
    }),
  ),
});

/** Waits until objects that others make are ready. It owns nothing, so there is nothing to remove. */
export const readyObjects: ClusterOperation = {
  async create(inputs) {
    const { kubeconfig, timeoutSeconds, objects } = inputsSchema.parse(inputs);
    const api = clusterApi(kubeconfig);
    await poll("Waiting until it serves", timeoutSeconds, async () => {
      const reasons = await Promise.all(objects.map(async (object) => unreadiness(object, await api.read(object))));
      return reasons.find((reason) => reason !== undefined) ?? {};
    });
    return {};
  },
  update: (_, inputs) => readyObjects.create(inputs),
  read: async (outputs) => outputs,
  async delete() {},
};
