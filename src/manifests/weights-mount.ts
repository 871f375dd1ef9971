import type { Problem } from "../policy/policy-input";
import { weightsPath } from "./vllm-arguments";
import { usesKServe } from "./workload";

/** Weights that KServe brings to `/mnt/models`: by a URI, by a key of the Secret `storage-config`, or by a dashboard connection. */
export interface KServeStorage {
  /** `storageUri`, with a scheme that KServe knows. */
  uri?: string | undefined;
  /** Key of the Secret `storage-config`. */
  key?: string | undefined;
  /** Folder in the bucket, with `key`. */
  path?: string | undefined;
  /** Bucket, with `key`. @default the one that the key's value names */
  bucket?: string | undefined;
  /** Connection of OpenShift AI's dashboard (`opendatahub.io/connections`). */
  connection?: string | undefined;
  /** ServiceAccount whose credentials are used. @default the namespace's, `default` */
  serviceAccountName?: string | undefined;
}

/** Where a server's weights come from: exactly one of them. */
export interface WeightsMount<S = string> {
  /** Claim that holds the weights, mounted read-only at `/mnt/models`. */
  weightsClaim?: S | undefined;
  /** Directory of the model inside the claim. @default the claim's root */
  weightsSubPath?: S | undefined;
  /** Image with the model in its directory `/models`, mounted as an image volume at `/mnt/models`. */
  weightsImage?: string | undefined;
  /** Weights that KServe brings, with the backend `kserve`. */
  kserveStorage?: KServeStorage | undefined;
}

/** Whether the weights are on a volume that many nodes mount. */
export function readsOverNetwork<S>({ weightsClaim }: WeightsMount<S>): boolean {
  return weightsClaim !== undefined;
}

/** Volumes and mounts of the weights: none where KServe adds them. */
export function weightsVolumes<S>({ weightsClaim, weightsImage }: WeightsMount<S>) {
  if (weightsClaim !== undefined) {
    return [{ name: "weights", persistentVolumeClaim: { claimName: weightsClaim, readOnly: true } }];
  }
  return weightsImage === undefined
    ? []
    : [{ name: "weights", image: { reference: weightsImage, pullPolicy: "IfNotPresent" } }];
}

export function weightsMounts<S>({ weightsClaim, weightsSubPath, weightsImage }: WeightsMount<S>) {
  const mount = { name: "weights", mountPath: weightsPath, readOnly: true };
  if (weightsClaim !== undefined) {
    return [{ ...mount, ...(weightsSubPath === undefined ? {} : { subPath: weightsSubPath }) }];
  }
  // Where KServe looks too, so that one image serves both.
  return weightsImage === undefined ? [] : [{ ...mount, subPath: "models" }];
}

/** Fields of `predictor.model` that say where the weights are. */
export function storageFields({ uri, key, path, bucket }: KServeStorage = {}) {
  return {
    ...(uri === undefined ? {} : { storageUri: uri }),
    ...(key === undefined
      ? {}
      : {
          storage: {
            key,
            ...(path === undefined ? {} : { path }),
            ...(bucket === undefined ? {} : { parameters: { bucket } }),
          },
        }),
  };
}

/** Annotations of an InferenceService that say where the weights are (opendatahub-io/opendatahub-operator, `pkg/metadata/annotations`). */
export function storageAnnotations({ connection, path }: KServeStorage = {}): Record<string, string> {
  return {
    ...(connection === undefined ? {} : { "opendatahub.io/connections": connection }),
    ...(connection === undefined || path === undefined ? {} : { "opendatahub.io/connection-path": path }),
  };
}

/** Whether exactly one source is given, and one that the backend can bring. */
export function weightsMountProblems<S>(
  options: WeightsMount<S> & { backend?: Parameters<typeof usesKServe>[0]["backend"] },
): Problem[] {
  const { weightsClaim, weightsImage, kserveStorage } = options;
  const given = Object.entries({ weightsClaim, weightsImage, kserveStorage }).filter(
    ([, value]) => value !== undefined,
  );
  if (given.length !== 1) {
    const found = given.length === 0 ? "none" : given.map(([name]) => name).join(" and ");
    return [
      {
        path: "weightsClaim",
        message: `or weightsImage or kserveStorage must say where the weights are, exactly one of them; there is ${found}.`,
      },
    ];
  }
  return kserveStorage !== undefined && !usesKServe(options)
    ? [{ path: "kserveStorage", message: `goes with the backend "kserve" only; take weightsClaim or weightsImage.` }]
    : [];
}
