import { describe, expect, it } from "vitest";
import { sandboxNodes } from "../../../../packages/sandbox/src/cluster/nodes";

describe("sandboxNodes", () => {
  it("is the published experiment's cluster: seven L4 in four nodes, and two small nodes", () => {
    const rows = sandboxNodes().map(({ metadata, spec, status }) => [
      metadata?.name,
      status?.capacity?.cpu,
      status?.capacity?.memory,
      status?.capacity?.["nvidia.com/gpu"],
      spec?.taints?.map(({ key, effect }) => `${key}:${effect}`),
    ]);
    const taint = ["nvidia.com/gpu:NoSchedule"];
    expect(rows).toEqual([
      ["gpu-4x", "64", "320Gi", "4", taint],
      ["gpu-1x-1", "16", "80Gi", "1", taint],
      ["gpu-1x-2", "16", "80Gi", "1", taint],
      ["gpu-1x-3", "16", "80Gi", "1", taint],
      ["cpu-1", "4", "16Gi", undefined, undefined],
      ["cpu-2", "4", "16Gi", undefined, undefined],
    ]);
  });

  it("labels a GPU node as NVIDIA's feature discovery does, and lets kwok manage it", () => {
    expect(sandboxNodes()[0]).toEqual({
      apiVersion: "v1",
      kind: "Node",
      metadata: {
        name: "gpu-4x",
        annotations: { "kwok.x-k8s.io/node": "fake" },
        labels: {
          "kubernetes.io/os": "linux",
          "kubernetes.io/arch": "amd64",
          "kubernetes.io/hostname": "gpu-4x",
          "node-role.kubernetes.io/worker": "",
          "nvidia.com/gpu.present": "true",
          "nvidia.com/gpu.product": "NVIDIA-L4",
          "nvidia.com/gpu.count": "4",
          "nvidia.com/gpu.memory": "23034",
        },
      },
      spec: { taints: [{ key: "nvidia.com/gpu", value: "present", effect: "NoSchedule" }] },
      status: {
        capacity: { cpu: "64", memory: "320Gi", pods: "110", "ephemeral-storage": "200Gi", "nvidia.com/gpu": "4" },
        allocatable: { cpu: "64", memory: "320Gi", pods: "110", "ephemeral-storage": "200Gi", "nvidia.com/gpu": "4" },
      },
    });
  });
});
