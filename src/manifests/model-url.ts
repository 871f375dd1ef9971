import type { Exposure } from "./exposure-options";
import { wakeUrl } from "./http-activation";
import type { Scaling } from "./scaling-options";
import { serverUrl } from "./service";
import { PredictorClass } from "./vllm-server-options";

/** Of a model, what decides its address inside the cluster. */
export interface ReachedModel {
  namespace: string;
  scaling?: Scaling | undefined;
  transformer?: object | undefined;
}

/** Base URL inside the cluster, without the `/v1`: that of what counts or holds the requests, where something does. */
export function clusterUrl(name: string, { namespace, scaling = {}, transformer }: ReachedModel): string {
  if (scaling.http !== undefined) {
    return wakeUrl(name, namespace);
  }
  return serverUrl(name, namespace, {
    transformer,
    predictor: scaling.knative === undefined ? undefined : { class: PredictorClass.Knative },
  });
}

/** Base URL outside of the cluster, without the `/v1`; with `expose.kserve` only KServe knows it. */
export function externalUrl({ expose }: { expose?: Exposure | undefined }): string | undefined {
  if (expose?.host === undefined) {
    return undefined;
  }
  return `${expose.gateway?.tls === false ? "http" : "https"}://${expose.host}`;
}
