/** Annotations by which the pod runtime tells kwok's stages, Prometheus and the router about the process behind a pod. */
export const sandboxAnnotations = {
  /** Written on vLLM pods of a ReplicaSet together with what their Deployment declares; they do not start before. */
  adopted: "sandbox.vllm-serving.dev/adopted",
  /** Where the pod's simulator listens, `127.0.0.1:<port>`. Written once it answers; a pod is not Ready before. */
  address: "sandbox.vllm-serving.dev/address",
  /** The port vLLM would listen on in the pod. Whoever asks for another one gets no answer, as in a cluster. */
  port: "sandbox.vllm-serving.dev/port",
  /**
   * On pods that stand for several ports of a process of the sandbox, such as the HTTP add-on's: where each port of the pod is
   * served, as a JSON object of ports and `127.0.0.1:<port>`.
   */
  ports: "sandbox.vllm-serving.dev/ports",
  /** Written when the simulator of a removed pod has finished its requests and is gone, with the time. */
  drained: "sandbox.vllm-serving.dev/drained",
} as const;
