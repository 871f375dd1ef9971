import type { V1EndpointSlice, V1Pod, V1Service, V1ServicePort } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { type ClusterObjects, destinationOf } from "../../../../packages/sandbox/src/cluster/cluster-network";

const namespace = "llm";

function service(name: string, ports: V1ServicePort[], spec: V1Service["spec"] = {}): V1Service {
  return { metadata: { name, namespace }, spec: { ports, ...spec } };
}

function slice(name: string, ports: V1EndpointSlice["ports"], pods: Record<string, boolean>): V1EndpointSlice {
  const endpoints = Object.entries(pods).map(([pod, ready]) => ({
    addresses: ["10.244.0.9"],
    conditions: { ready },
    targetRef: { kind: "Pod", name: pod, namespace },
  }));
  const labels = { "kubernetes.io/service-name": name };
  return { addressType: "IPv4", metadata: { name, namespace, labels }, ...(ports && { ports }), endpoints };
}

function pod(name: string, podIP: string, annotations: Record<string, string>): V1Pod {
  const prefixed = Object.entries(annotations).map(([key, value]) => [`sandbox.vllm-serving.dev/${key}`, value]);
  return { metadata: { name, namespace, annotations: Object.fromEntries(prefixed) }, status: { podIP } };
}

const objects: ClusterObjects = {
  services: [
    service(
      "llama",
      [
        { name: "http", port: 80, targetPort: "http" },
        { name: "dns", port: 53, protocol: "UDP" },
      ],
      {
        clusterIP: "10.96.0.7",
      },
    ),
    service("admin", [
      { name: "admin", port: 9090 },
      { name: "proxy", port: 80 },
      { name: "tls", port: 443 },
    ]),
    service("headless", [{ name: "http", port: 80 }], { clusterIP: "None" }),
    service("waking", [{ port: 80 }]),
    service("outside", [{ port: 80 }], { type: "ExternalName", externalName: "example.com" }),
  ],
  slices: [
    slice("llama", [{ name: "http", port: 8000 }], { a: true, b: true, starting: false }),
    slice(
      "admin",
      [
        { name: "proxy", port: 8080 },
        { name: "admin", port: 9090 },
        { name: "tls", port: 8443 },
      ],
      { interceptor: true },
    ),
    slice("headless", [{ name: "http", port: 8000 }], { a: true }),
    slice("waking", [{ name: "", port: 8000 }], { starting: false, unseen: true }),
  ],
  pods: [
    pod("a", "10.244.0.1", { address: "127.0.0.1:20001", port: "8000" }),
    pod("b", "10.244.0.2", { address: "127.0.0.1:20002", port: "8000" }),
    pod("starting", "10.244.0.3", {}),
    pod("interceptor", "10.244.0.4", { ports: '{"8080":"127.0.0.1:20003","9090":"127.0.0.1:20004"}' }),
    pod("odd", "10.244.0.5", { ports: "[8080" }),
  ],
};

const at = (port: number) => ({ host: "127.0.0.1", port });
const reach = (host: string, port: number, random = 0) => destinationOf(objects, host, port, () => random);

describe("destinationOf", () => {
  it.each(["llama.llm", "llama.llm.svc", "llama.llm.svc.cluster.local", "10.96.0.7"])(
    "finds a Service as %s, and the port its pods have behind the Service's",
    (host) => expect(reach(host, 80)).toEqual(at(20001)),
  );

  it("spreads connections over the ready pods", () => {
    expect([0, 0.49, 0.5, 0.99].map((random) => reach("llama.llm", 80, random))).toEqual(
      [20001, 20001, 20002, 20002].map(at),
    );
  });

  it("tells several ports of a pod apart by their names", () => {
    expect([reach("admin.llm", 9090), reach("admin.llm", 80)]).toEqual([at(20004), at(20003)]);
  });

  it("takes a pod's own address with the pod's port, and a headless Service as that", () => {
    expect([reach("10.244.0.2", 8000), reach("headless.llm", 8000)]).toEqual([at(20002), at(20001)]);
  });

  it.each([
    ["a port the Service does not have", "llama.llm", 8000],
    ["a port that the Service has for UDP", "llama.llm", 53],
    ["a port that nothing in the pod serves", "admin.llm", 443],
    ["the Service's port at a headless one", "headless.llm", 80],
    ["another port of a pod", "10.244.0.1", 80],
    ["a pod without a process", "10.244.0.3", 8000],
    ["a pod whose annotation cannot be read", "10.244.0.5", 8080],
  ])("is refused at %s", (_, host, port) => expect(reach(host, port)).toBe("refused"));

  it("has no endpoint while no pod of the Service is ready and known", () => {
    expect(reach("waking.llm", 80)).toBe("no-endpoints");
  });

  it("reads what the API server sends for a Service without pods", () => {
    const empty: V1EndpointSlice = JSON.parse(
      JSON.stringify({ ...slice("waking", [], {}), endpoints: null, ports: null }),
    );
    expect(destinationOf({ ...objects, slices: [empty] }, "waking.llm", 80, () => 0)).toBe("no-endpoints");
  });

  it.each(["example.com", "llama", "llama.default", "none.llm", "outside.llm", "10.244.0.99"])(
    "does not know %s",
    (host) => expect(reach(host, 80)).toBe("unknown-host"),
  );
});
