import type { V1Pod, V1ReplicaSet } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { PodAdoption } from "../../../../packages/sandbox/src/cluster/pod-adoption";
import { vllmPod } from "./support";

const adopted = { "sandbox.vllm-serving.dev/adopted": "true" };
const declared = {
  "vllm-serving.dev/capacity-profile": "llama-3.1-8b-l4",
  "vllm-serving.dev/startup-load-seconds": "6",
};
const replicaSet: V1ReplicaSet = {
  metadata: {
    name: "llama-1",
    namespace: "llm",
    uid: "rs",
    annotations: { ...declared, "deployment.kubernetes.io/revision": "1" },
  },
};

function podOf(kind: string, changes: Partial<V1Pod> = {}, annotations: Record<string, string> = {}): V1Pod {
  const pod = vllmPod("p", changes);
  const ownerReferences = [{ apiVersion: "apps/v1", kind, name: "llama-1", uid: "rs" }];
  return { ...pod, metadata: { ...pod.metadata, ownerReferences, annotations } };
}

function adoption() {
  const written: { pod: string | undefined; values: Record<string, string>; signal: AbortSignal }[] = [];
  const subject = new PodAdoption(async (pod, values, signal) => {
    written.push({ pod: pod.metadata?.name, values, signal });
  });
  return { subject, written, values: () => written.map(({ values }) => values) };
}

describe("PodAdoption", () => {
  it("writes what the ReplicaSet declares on a new vLLM pod, once", () => {
    const { subject, written, values } = adoption();
    const pod = podOf("ReplicaSet", { status: { phase: "Pending" } });
    subject.reconcile([pod], [replicaSet], []);
    subject.reconcile([pod], [replicaSet], []);
    expect(values()).toEqual([{ ...declared, ...adopted }]);
    expect(written[0]?.pod).toBe("p");
  });

  it("waits for a ReplicaSet that is not known yet", () => {
    const { subject, values } = adoption();
    subject.reconcile([podOf("ReplicaSet")], [], []);
    expect(values()).toEqual([]);
    subject.reconcile([podOf("ReplicaSet")], [replicaSet], []);
    expect(values()).toHaveLength(1);
  });

  it("keeps what the pod's template says, and marks a pod whose ReplicaSet declares nothing", () => {
    const { subject, values } = adoption();
    const own = podOf("ReplicaSet", {}, { "vllm-serving.dev/startup-load-seconds": "60" });
    subject.reconcile([own], [replicaSet], []);
    subject.reconcile([], [], []);
    subject.reconcile([own], [{ metadata: { uid: "rs" } }], []);
    expect(values()).toEqual([{ "vllm-serving.dev/capacity-profile": "llama-3.1-8b-l4", ...adopted }, adopted]);
  });

  it("writes what the ServingRuntime declares that KServe made the pod from, and waits for it", () => {
    const { subject, values } = adoption();
    const load = { "vllm-serving.dev/startup-load-seconds": "7" };
    const runtime = (namespace: string) => ({ metadata: { name: "llama-1a2b", namespace, annotations: load } });
    const pod = podOf("ReplicaSet", {}, { "vllm-serving.dev/serving-runtime": "llama-1a2b" });
    subject.reconcile([pod], [{ metadata: { uid: "rs" } }], [runtime("other")]);
    expect(values()).toEqual([]);
    subject.reconcile([pod], [{ metadata: { uid: "rs" } }], [runtime("other"), runtime("llm")]);
    expect(values()).toEqual([{ ...load, ...adopted }]);
  });

  it.each([
    { what: "is marked already", pod: podOf("ReplicaSet", {}, adopted) },
    { what: "has another owner", pod: podOf("StatefulSet") },
    { what: "has no owner", pod: vllmPod() },
    { what: "is no vLLM", pod: podOf("ReplicaSet", { spec: { containers: [{ name: "c", image: "nginx" }] } }) },
  ])("leaves a pod alone that $what", ({ pod }) => {
    const { subject, values } = adoption();
    subject.reconcile([pod], [replicaSet], []);
    expect(values()).toEqual([]);
  });

  it("gives up writing when it is stopped", () => {
    const { subject, written } = adoption();
    subject.reconcile([podOf("ReplicaSet")], [replicaSet], []);
    expect(written[0]?.signal.aborted).toBe(false);
    subject.stop();
    expect(written[0]?.signal.aborted).toBe(true);
  });
});
