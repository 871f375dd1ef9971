import type { V1Endpoint, V1EndpointSlice, V1Pod } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { leastLoaded, serviceEndpoints } from "../../../../packages/sandbox/src/cluster/endpoints";

const llm = "llm";

function slice(service: string, endpoints: V1Endpoint[], port: number | undefined = 8000): V1EndpointSlice {
  return {
    addressType: "IPv4",
    metadata: { name: `${service}-x`, namespace: llm, labels: { "kubernetes.io/service-name": service } },
    endpoints,
    ...(port !== undefined && { ports: [{ name: "http", port }] }),
  };
}

function endpoint(pod: string, ready?: boolean): V1Endpoint {
  return {
    addresses: ["10.0.0.1"],
    targetRef: { kind: "Pod", name: pod, namespace: llm },
    ...(ready !== undefined && { conditions: { ready } }),
  };
}

function pod(name: string, port: string | undefined): V1Pod {
  const annotations = {
    "sandbox.vllm-serving.dev/address": `127.0.0.1:2000${name}`,
    ...(port !== undefined && { "sandbox.vllm-serving.dev/port": port }),
  };
  return { metadata: { name, namespace: llm, annotations } };
}

const expected = (name: string) => ({ namespace: llm, pod: name, address: `127.0.0.1:2000${name}` });

describe("serviceEndpoints", () => {
  it("has the ready endpoints of each Service, at the addresses of their simulators", () => {
    const slices = [
      slice("a", [endpoint("1", true), endpoint("2", false), endpoint("3")]),
      slice("b", [endpoint("1", true)]),
    ];
    expect(serviceEndpoints(slices, [pod("1", "8000"), pod("2", "8000"), pod("3", "8000")])).toEqual([
      { namespace: llm, service: "a", endpoints: [expected("1"), expected("3")] },
      { namespace: llm, service: "b", endpoints: [expected("1")] },
    ]);
  });

  it("has a pod once, though it is in several slices of a Service", () => {
    const slices = [slice("a", [endpoint("1", true)]), slice("a", [endpoint("1", true), endpoint("2", true)])];
    expect(serviceEndpoints(slices, [pod("1", "8000"), pod("2", "8000")])).toEqual([
      { namespace: llm, service: "a", endpoints: [expected("1"), expected("2")] },
    ]);
  });

  it("has no endpoint while the API server sends null for them", () => {
    const slices: V1EndpointSlice[] = JSON.parse(JSON.stringify([{ ...slice("a", []), endpoints: null }]));
    expect(serviceEndpoints(slices, [])).toEqual([{ namespace: llm, service: "a", endpoints: [] }]);
  });

  it("reads what the API server sends for a Service without pods", () => {
    const empty: V1EndpointSlice = JSON.parse(JSON.stringify({ ...slice("a", []), endpoints: null, ports: null }));
    expect(serviceEndpoints([empty], [])).toEqual([{ namespace: llm, service: "a", endpoints: [] }]);
  });

  it.each([
    { why: "the Service leads to another port than vLLM's", port: 9000, pods: [pod("1", "8000")] },
    { why: "the Service names a port the pod does not have", port: undefined, pods: [pod("1", "8000")] },
    { why: "the pod has no simulator", port: 8000, pods: [pod("1", undefined)] },
    { why: "the pod is not known yet", port: 8000, pods: [] },
  ])("has no endpoint when $why", ({ port, pods }) => {
    const one = slice("a", [endpoint("1", true)], port ?? 0);
    const slices = port === undefined ? [{ ...one, ports: [] }] : [one];
    expect(serviceEndpoints(slices, pods)).toEqual([{ namespace: llm, service: "a", endpoints: [] }]);
  });
});

describe("leastLoaded", () => {
  const three = ["1", "2", "3"].map(expected);
  const inFlight = (loads: Record<string, number>) => (one: { pod: string }) => loads[one.pod] ?? 0;

  it("is the endpoint with the fewest requests in flight", () => {
    expect(leastLoaded(three, inFlight({ 1: 3, 2: 1, 3: 2 }), () => 0.99)).toEqual(expected("2"));
  });

  it("is drawn among equals, each with the same chance", () => {
    const drawn = [0, 0.49, 0.5, 0.99].map((random) => leastLoaded(three, inFlight({ 2: 5 }), () => random)?.pod);
    expect(drawn).toEqual(["1", "1", "3", "3"]);
  });

  it("is nothing without endpoints", () => {
    expect(
      leastLoaded(
        [],
        () => 0,
        () => 0,
      ),
    ).toBeUndefined();
  });
});
