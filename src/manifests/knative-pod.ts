import { vllmPod } from "./vllm-pod";
import type { VllmServerOptions } from "./vllm-server-options";

/** By this name of its port Knative knows the protocol. It takes no other names of ours, and renames it again on the pod. */
const portName = "http1";

/**
 * The pod as a Knative revision takes it (knative/serving, `pkg/apis/serving/fieldmask.go`): without hooks and grace period, because
 * Knative drains by itself and gives a pod as long as its longest request; and with a security context of the container alone, because
 * Knative refuses the pod's unless the cluster allows it.
 */
export function knativePod<S>(options: VllmServerOptions<S>) {
  const pod = vllmPod(options);
  const { lifecycle: _, ...container } = pod.container;
  const { terminationGracePeriodSeconds: __, securityContext, ...settings } = pod.settings;
  return {
    ...pod,
    settings,
    container: {
      ...container,
      securityContext: { ...container.securityContext, ...securityContext },
      ports: container.ports.map((port) => ({ ...port, name: portName })),
      startupProbe: atPort(container.startupProbe),
      readinessProbe: atPort(container.readinessProbe),
      livenessProbe: atPort(container.livenessProbe),
    },
  };
}

function atPort<Probe extends { httpGet: { path: string } }>(probe: Probe) {
  return { ...probe, httpGet: { ...probe.httpGet, port: portName } };
}
