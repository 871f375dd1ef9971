import { describe, expect, test } from "vitest";
import { vllmPod } from "../../../src/manifests/vllm-pod";
import { vllmServerProblems } from "../../../src/manifests/vllm-server";
import type { VllmServerOptions } from "../../../src/manifests/vllm-server-options";

const server: VllmServerOptions = { namespace: "models", servedModelName: "llama" };

describe("compilations", () => {
  const cacheOf = (options: Partial<VllmServerOptions>) => {
    const { container, volumes } = vllmPod({ ...server, weightsClaim: "weights", ...options });
    const root = container.env.find(({ name }) => name === "VLLM_CACHE_ROOT");
    return { root, mounts: container.volumeMounts.slice(1), volumes: volumes.slice(1) };
  };
  const root = { name: "VLLM_CACHE_ROOT", value: "/cache/vllm" };
  const cache = { name: "cache", emptyDir: { sizeLimit: "10Gi" } };
  const shm = { name: "shm", emptyDir: { medium: "Memory", sizeLimit: "2Gi" } };

  test("are each replica's own", () => {
    expect(cacheOf({})).toEqual({
      root,
      mounts: [
        { name: "cache", mountPath: "/cache" },
        { name: "shm", mountPath: "/dev/shm" },
      ],
      volumes: [cache, shm],
    });
  });

  test("are shared on a claim, which all may write to", () => {
    expect(cacheOf({ compileCacheClaim: "compilations" })).toEqual({
      root,
      mounts: [
        { name: "cache", mountPath: "/cache" },
        { name: "compile-cache", mountPath: "/cache/vllm" },
        { name: "shm", mountPath: "/dev/shm" },
      ],
      volumes: [cache, { name: "compile-cache", persistentVolumeClaim: { claimName: "compilations" } }, shm],
    });
  });
});

describe("a server's weights", () => {
  const problems = (options: Partial<VllmServerOptions>) =>
    vllmServerProblems("llama", { ...server, ...options }).map(({ path, message }) => `${path}: ${message}`);
  const kserveStorage = { uri: "hf://org/llama" };

  test("are said once", () => {
    expect(problems({})).toEqual([
      "weightsClaim: or weightsImage or kserveStorage must say where the weights are, exactly one of them; there is none.",
    ]);
    expect(problems({ weightsClaim: "weights", kserveStorage })).toEqual([
      "weightsClaim: or weightsImage or kserveStorage must say where the weights are, exactly one of them; there is weightsClaim and kserveStorage.",
    ]);
    for (const one of [{ weightsClaim: "weights" }, { weightsImage: "quay.io/models/llama:1" }, { kserveStorage }]) {
      expect(problems(one)).toEqual([]);
    }
  });

  test("come from KServe where KServe makes the pods", () => {
    expect(problems({ kserveStorage, backend: "deployment" })).toEqual([
      'kserveStorage: goes with the backend "kserve" only; take weightsClaim or weightsImage.',
    ]);
  });

  test("are beside a claim for compilations that has a name", () => {
    expect(problems({ weightsClaim: "weights", compileCacheClaim: "My Claim" })).toEqual([
      expect.stringMatching(/^compileCacheClaim: is "My Claim", which no object is named/),
    ]);
  });
});
