import { describe, expect, it } from "vitest";
import { mergedValues, resourceNamesIn } from "../../../../../packages/sandbox/src/provider/helm/live-release";

describe("the names of a release's objects", () => {
  it("are by kind and version, sorted, once each, with the namespace the chart gives", () => {
    const manifest = `---
# Source: c/templates/empty.yaml
---
apiVersion: v1
kind: Secret
metadata: { name: b }
---
apiVersion: v1
kind: Secret
metadata: { name: a, namespace: ns }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: d }
`;
    expect(resourceNamesIn(manifest)).toEqual({ "Secret/v1": ["b", "ns/a"], "Deployment.apps/apps/v1": ["d"] });
  });
});

describe("values", () => {
  it("are merged object by object, a list as a whole", () => {
    expect(mergedValues({ a: { b: 1, c: 2 }, d: [1, 2] }, { a: { c: 3 }, d: [4], e: null })).toEqual({
      a: { b: 1, c: 3 },
      d: [4],
      e: null,
    });
  });
});
