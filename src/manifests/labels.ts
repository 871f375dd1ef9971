import { fitName } from "./naming";

/** Part an object plays, as the label `app.kubernetes.io/component` names it. */
export const Role = {
  Server: "inference-server",
  Weights: "model-weights",
  Download: "weights-download",
  ImagePrePull: "image-pre-pull",
  Autoscaler: "autoscaler",
} as const;
export type Role = (typeof Role)[keyof typeof Role];

/** Labels by which a Deployment of ours selects its pods. They must never change. */
export function selectorLabels(instance: string) {
  return {
    "app.kubernetes.io/name": "vllm",
    "app.kubernetes.io/instance": fitName(instance),
    "app.kubernetes.io/component": Role.Server,
  };
}

/** The recommended labels of an object of `instance`. */
export function standardLabels(instance: string, role: Role) {
  return {
    "app.kubernetes.io/name": "vllm",
    "app.kubernetes.io/instance": fitName(instance),
    "app.kubernetes.io/component": role,
    "app.kubernetes.io/part-of": "vllm-serving",
  };
}
