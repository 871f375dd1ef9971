import type { V1Node } from "@kubernetes/client-node";

/** kwok manages the nodes that carry this annotation (its flag `--manage-nodes-with-annotation-selector`). */
export const fakeNodeAnnotation = { key: "kwok.x-k8s.io/node", value: "fake" } as const;

interface Machine {
  name: string;
  cpu: number;
  memory: string;
  /** NVIDIA L4 GPUs. */
  gpus: number;
}

/** The GPU nodes of Red Hat's published autoscaling experiment (seven L4 in four nodes), and two small nodes without a GPU. */
const machines: Machine[] = [
  { name: "gpu-4x", cpu: 64, memory: "320Gi", gpus: 4 },
  { name: "gpu-1x-1", cpu: 16, memory: "80Gi", gpus: 1 },
  { name: "gpu-1x-2", cpu: 16, memory: "80Gi", gpus: 1 },
  { name: "gpu-1x-3", cpu: 16, memory: "80Gi", gpus: 1 },
  { name: "cpu-1", cpu: 4, memory: "16Gi", gpus: 0 },
  { name: "cpu-2", cpu: 4, memory: "16Gi", gpus: 0 },
];

const gpuResource = "nvidia.com/gpu";

/** The sandbox's nodes, as their kubelets and NVIDIA's operator would register them. kwok makes them Ready. */
export function sandboxNodes(): V1Node[] {
  return machines.map(node);
}

function node(machine: Machine): V1Node {
  const resources = {
    cpu: String(machine.cpu),
    memory: machine.memory,
    pods: "110",
    "ephemeral-storage": "200Gi",
    ...(machine.gpus > 0 && { [gpuResource]: String(machine.gpus) }),
  };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name: machine.name,
      annotations: { [fakeNodeAnnotation.key]: fakeNodeAnnotation.value },
      labels: {
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/hostname": machine.name,
        "node-role.kubernetes.io/worker": "",
        ...(machine.gpus > 0 && gpuLabels(machine.gpus)),
      },
    },
    ...(machine.gpus > 0 && {
      spec: { taints: [{ key: gpuResource, value: "present", effect: "NoSchedule" }] },
    }),
    status: { capacity: resources, allocatable: resources },
  };
}

/** Labels of NVIDIA's GPU feature discovery. Memory is what `nvidia-smi` shows for an L4, in MiB. */
function gpuLabels(gpus: number): Record<string, string> {
  return {
    "nvidia.com/gpu.present": "true",
    "nvidia.com/gpu.product": "NVIDIA-L4",
    "nvidia.com/gpu.count": String(gpus),
    "nvidia.com/gpu.memory": "23034",
  };
}
