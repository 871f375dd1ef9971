import { describe, expect, it } from "vitest";
import type { Destination } from "../../../../packages/sandbox/src/cluster";
import { ClusterNames } from "../../../../packages/sandbox/src/control-plane/cluster-names";

describe("ClusterNames", () => {
  const registered = { host: "127.0.0.1", port: 20001 };
  const names = new ClusterNames(0);
  names.register({ name: "prometheus-operated", namespace: "monitoring", port: 9090 }, registered);

  it("knows a Service by each name a pod may use", async () => {
    const hosts = [
      "prometheus-operated.monitoring",
      "prometheus-operated.monitoring.svc",
      "prometheus-operated.monitoring.svc.cluster.local",
    ];
    expect(await Promise.all(hosts.map((host) => names.resolve(host, 9090)))).toEqual(Array(3).fill(registered));
  });

  it("knows no other port, Service or host before there is a cluster", async () => {
    const resolved = [
      names.resolve("prometheus-operated.monitoring.svc", 80),
      names.resolve("prometheus-operated.default.svc", 9090),
      names.resolve("example.com", 9090),
    ];
    expect(await Promise.all(resolved)).toEqual(["unknown-host", "unknown-host", "unknown-host"]);
  });

  it("asks the cluster for what is not registered", async () => {
    const following = new ClusterNames(0);
    following.register({ name: "a", namespace: "ns", port: 80 }, registered);
    following.follow((host, port) => (host === "b.ns" ? { host: "127.0.0.1", port } : "refused"));
    const resolved = [following.resolve("a.ns", 80), following.resolve("b.ns", 8000), following.resolve("c.ns", 80)];
    expect(await Promise.all(resolved)).toEqual([registered, { host: "127.0.0.1", port: 8000 }, "refused"]);
  });

  it("waits for the first pod of a Service, and not for ever", async () => {
    const answers: Destination[] = ["no-endpoints", "no-endpoints", registered];
    const patient = new ClusterNames(60_000);
    patient.follow(() => answers.shift() ?? "unknown-host");
    expect(await patient.resolve("a.ns", 80)).toEqual(registered);
    const impatient = new ClusterNames(0);
    impatient.follow(() => "no-endpoints");
    expect(await impatient.resolve("a.ns", 80)).toBe("refused");
  });
});
