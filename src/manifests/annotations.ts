/**
 * Annotations on the Deployment of a served model, or on its ServingRuntime. They state what the scaling policy was derived
 * from, so that a person can compare it with what is measured, and so that the sandbox starts pods as slowly as they were
 * declared to start. They are not on the pods, because a change of the pod template restarts every replica; nor on the
 * InferenceService, because KServe copies its annotations to the pods.
 * All durations are whole or fractional seconds as a decimal string.
 */
export const annotations = {
  imagePullSeconds: "vllm-serving.dev/startup-image-pull-seconds",
  loadSeconds: "vllm-serving.dev/startup-load-seconds",
  compileSeconds: "vllm-serving.dev/startup-compile-seconds",
  capacityProfile: "vllm-serving.dev/capacity-profile",
  /** On the pods of a download, which nothing but another download replaces: how long it is expected to take. */
  downloadSeconds: "vllm-serving.dev/download-seconds",
  meanPromptTokens: "vllm-serving.dev/mean-prompt-tokens",
  meanOutputTokens: "vllm-serving.dev/mean-output-tokens",
} as const;

/** What scales an InferenceService that is no Knative Service: KServe's HPA or ScaledObject, or somebody else. */
export const autoscalerClassAnnotation = "serving.kserve.io/autoscalerClass";

/** Annotation on pods that KServe made: the ServingRuntime they come from. */
export const servingRuntimeAnnotation = "vllm-serving.dev/serving-runtime";
