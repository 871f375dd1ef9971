import { describe, expect, it } from "vitest";
import {
  isAutonamed,
  newFieldManager,
  objectId,
  parseObjectId,
  resourceType,
  withEarlierName,
  withNewName,
} from "../../../../packages/sandbox/src/provider/naming";

const urn = "urn:pulumi:dev::proj::a:b:C$kubernetes:core/v1:ConfigMap::my::config";
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

describe("names", () => {
  it("come from the resource with an end that the seed determines", () => {
    const named = withNewName({ kind: "ConfigMap" }, urn, Buffer.from("seed"), undefined);
    expect(named).toEqual({
      kind: "ConfigMap",
      metadata: { name: "my::config-19b25856", annotations: { "pulumi.com/autonamed": "true" } },
    });
    expect(withNewName({ kind: "ConfigMap" }, urn, Buffer.from("seed"), undefined)).toEqual(named);
    expect(withNewName({ kind: "ConfigMap" }, urn, Buffer.from("other"), undefined)).not.toEqual(named);
  });

  it("are the engine's where it proposes one", () => {
    expect(
      withNewName({ metadata: { labels: { a: "b" } } }, urn, Buffer.from(""), { mode: "propose", proposedName: "p" }),
    ).toEqual({ metadata: { name: "p", labels: { a: "b" }, annotations: { "pulumi.com/autonamed": "true" } } });
  });

  it("are refused where the project disables them", () => {
    expect(() => withNewName({}, urn, Buffer.from(""), { mode: "disable", proposedName: "" })).toThrow(
      "autonaming is disabled, resource requires the .metadata.name field to be set",
    );
  });

  it.each([
    ["given", { metadata: { name: "given" } }],
    ["not known yet", { metadata: { name: unknown } }],
    ["in metadata that is not known yet", { metadata: unknown }],
    ["left to the API server", { metadata: { generateName: "x-" } }],
  ])("are not made for an object whose name is %s", (_what, object) => {
    expect(withNewName(object, urn, Buffer.from("s"), undefined)).toEqual(object);
  });

  it("stay as long as the program gives none", () => {
    const earlier = { metadata: { name: "c-1", annotations: { "pulumi.com/autonamed": "true" } } };
    const kept = withEarlierName({ metadata: { labels: {} } }, earlier);
    expect(objectId(kept)).toBe("c-1");
    expect(isAutonamed(kept)).toBe(true);
    expect(withEarlierName({ metadata: { name: "own" } }, earlier)).toEqual({ metadata: { name: "own" } });
    expect(withEarlierName({ metadata: {} }, { metadata: { name: "given" } })).toEqual({ metadata: {} });
  });

  it("of field managers are random behind the provider's", () => {
    expect(newFieldManager()).toMatch(/^pulumi-kubernetes-[0-9a-f]{8}$/);
    expect(newFieldManager()).not.toBe(newFieldManager());
  });
});

describe("ids", () => {
  it("hold the namespace where there is one", () => {
    expect(objectId({ metadata: { name: "a", namespace: "n" } })).toBe("n/a");
    expect(objectId({ metadata: { name: "a" } })).toBe("a");
    expect(parseObjectId("n/a")).toEqual({ namespace: "n", name: "a" });
    expect(parseObjectId("a")).toEqual({ namespace: "", name: "a" });
  });
});

describe("resourceType", () => {
  it.each([
    ["kubernetes:core/v1:Namespace", "v1", "Namespace"],
    ["kubernetes:apps/v1:Deployment", "apps/v1", "Deployment"],
    ["kubernetes:keda.sh/v1alpha1:ScaledObject", "keda.sh/v1alpha1", "ScaledObject"],
  ])("reads %s", (type, apiVersion, kind) => {
    expect(resourceType(`urn:pulumi:s::p::${type}::n`)).toEqual({ apiVersion, kind });
  });

  it("refuses other types", () => {
    expect(() => resourceType("urn:pulumi:s::p::kubernetes:yaml:ConfigFile::n")).toThrow(
      "kubernetes:yaml:ConfigFile: a type of this provider is kubernetes:<group>/<version>:<Kind>.",
    );
  });
});
