import { Role, standardLabels } from "./labels";
import { childName, stableHash } from "./naming";
import { defaultWeightsSize } from "./persistent-volume";
import type { LocalModel } from "./weights-source";

/**
 * A LocalModelCache, by which KServe keeps a copy of the model on the nodes of some groups. It is of the whole cluster, and its
 * source cannot be changed: the name carries both. InferenceServices with this source as their `storageUri` mount the copy.
 */
export function localModelCache(name: string, namespace: string, model: LocalModel, size: string | undefined) {
  return {
    apiVersion: "serving.kserve.io/v1alpha1" as const,
    kind: "LocalModelCache" as const,
    metadata: {
      name: childName(name, stableHash(`${namespace}\n${model.sourceUri}`)),
      labels: standardLabels(name, Role.Weights),
    },
    spec: {
      sourceModelUri: model.sourceUri,
      modelSize: size ?? defaultWeightsSize,
      nodeGroups: model.nodeGroups,
      ...(model.serviceAccountName === undefined ? {} : { serviceAccountName: model.serviceAccountName }),
    },
  };
}
