import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { type ClusterSourceOptions, clusterKinds, clusterSource, lint, rules } from "../../../src/lint";
import { options } from "./options";

const objectsOf = (text: string): object[] => parseAllDocuments(text).map((document) => document.toJS());
const bad = (id: string): object[] => objectsOf(rules.find((rule) => rule.id === id)?.bad ?? "");
const owned = (object: object, kind: string, controller = true): object => ({
  ...object,
  metadata: {
    ...("metadata" in object ? Object(object.metadata) : {}),
    ownerReferences: [{ kind, name: "x", controller }],
  },
});

function found(objects: readonly object[], only: ClusterSourceOptions = {}): string[] {
  return lint([clusterSource("prod", objects, only)], options()).map(({ rule, file }) => `${rule} ${file}`);
}

describe("what is on a cluster", () => {
  it("is named by context, namespace, kind and name", () => {
    expect(found(bad("two-scalers"))).toEqual([
      "two-scalers prod:models/ScaledObject/llama",
      "two-scalers prod:models/HorizontalPodAutoscaler/llama",
    ]);
  });

  it("has HPAs that KEDA made, whatever they are called: no second autoscaler", () => {
    const [scaledObject = {}, hpa = {}] = bad("two-scalers");
    expect(found([scaledObject, owned(hpa, "ScaledObject")])).toEqual([]);
  });

  it("has HPAs that others made: the ScaledObject beside it is told", () => {
    const [scaledObject = {}, hpa = {}] = bad("two-scalers");
    expect(found([scaledObject, owned(hpa, "InferenceService")])).toEqual([
      "two-scalers prod:models/ScaledObject/llama",
    ]);
  });

  it("is linted although somebody owns it that does not control it", () => {
    const [, hpa = {}] = bad("two-scalers");
    const [scaledObject = {}] = bad("two-scalers");
    expect(found([scaledObject, owned(hpa, "Team", false)])).toHaveLength(2);
  });

  it("has replicas that are the autoscaler's", () => {
    expect(found(bad("replicas-of-a-scaled-workload"))).toEqual([]);
  });

  it("is not the platform's own, unless that namespace is asked for", () => {
    const text = (rules.find(({ id }) => id === "max-replicas-unset")?.bad ?? "").replaceAll(
      "namespace: models",
      "namespace: openshift-models",
    );
    expect(found(objectsOf(text))).toEqual([]);
    expect(found(objectsOf(text), { namespace: "openshift-models" })).toEqual([
      "max-replicas-unset prod:openshift-models/ScaledObject/llama",
    ]);
  });

  it("may have more of a kind that cannot be listed: what would say how often is scraped, or how long a start takes", () => {
    const [window, scrape] = [bad("scale-down-window-below-start-up"), bad("rate-window-too-short")];
    expect(found(window)).toEqual(["scale-down-window-below-start-up prod:models/ScaledObject/llama"]);
    expect(found(window, { unlisted: ["InferenceService"] })).toEqual([]);
    expect(found(scrape)).toEqual(["rate-window-too-short prod:models/ScaledObject/llama"]);
    expect(found(scrape, { unlisted: ["PodMonitor"] })).toEqual([]);
  });

  it("is read without what may hold anything", () => {
    const kinds = clusterKinds.map(({ kind }) => kind);
    expect(kinds).toContain("ScaledObject");
    expect(kinds).not.toContain("Secret");
    expect(kinds).not.toContain("ConfigMap");
    expect(kinds.filter((kind) => kind === "Service")).toHaveLength(2);
  });
});
