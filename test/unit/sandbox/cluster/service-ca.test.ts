import { describe, expect, it } from "vitest";
import { namespacesWithout } from "../../../../packages/sandbox/src/cluster/service-ca";

const configMap = (namespace: string, name: string, text: string) => ({
  metadata: { name, namespace },
  data: { "service-ca.crt": text },
});

describe("namespacesWithout", () => {
  it("names the namespaces whose ConfigMap is missing or another, and none that are going", () => {
    const namespaces = [
      { metadata: { name: "right" } },
      { metadata: { name: "missing" } },
      { metadata: { name: "changed" } },
      { metadata: { name: "going", deletionTimestamp: new Date(0) } },
    ];
    const configMaps = [
      configMap("right", "openshift-service-ca.crt", "CA"),
      configMap("missing", "another", "CA"),
      configMap("changed", "openshift-service-ca.crt", "old"),
    ];
    expect(namespacesWithout("CA", namespaces, configMaps)).toEqual(["missing", "changed"]);
  });
});
