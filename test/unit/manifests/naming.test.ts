import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  childName,
  fitName,
  nameLimits,
  nameProblems,
  namespaceProblems,
  persistentVolumeName,
} from "../../../src/manifests/naming";
import { type VolumeIdentity, type VolumePurpose, weightsClaimName } from "../../../src/manifests/persistent-volume";
import { scaledObjectName } from "../../../src/manifests/scaled-object";
import { prometheusAccessNames } from "../../../src/manifests/trigger-authentication";

const dnsLabel = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const dnsSubdomain = /^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/;

/** Names that pass `nameProblems`, of any length. */
const validName = fc.stringMatching(/^[a-z]([-a-z0-9]{0,120}[a-z0-9])?$/);
const validNamespace = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);

describe("fitName", () => {
  test("keeps a name that is short enough", () => {
    expect(fitName("a".repeat(63))).toBe("a".repeat(63));
  });

  test("shortens a longer one and ends it with a hash of the whole", () => {
    expect(fitName("a".repeat(64))).toBe(`${"a".repeat(54)}-ffe054fe`);
  });

  test("leaves no dash before the hash's dash", () => {
    expect(fitName(`${"a".repeat(50)}----${"b".repeat(20)}`)).toMatch(/^a{50}-[0-9a-f]{8}$/);
  });
});

describe("names of objects", () => {
  const makers: Record<string, { make: (name: string) => string; limit: number }> = {
    server: { make: (name) => fitName(name), limit: nameLimits.label },
    child: { make: (name) => childName(name, "prometheus-reader"), limit: nameLimits.label },
    claim: {
      make: (name) => weightsClaimName(name, "serving", { server: "nfs", path: "/models" }),
      limit: nameLimits.label,
    },
    token: { make: (name) => prometheusAccessNames(name).tokenIssuer, limit: nameLimits.label },
    scaledObject: { make: scaledObjectName, limit: nameLimits.scaledObject },
  };

  test.each(Object.entries(makers))(
    "%s: valid and within the limit, different for different models",
    (_, { make, limit }) => {
      fc.assert(
        fc.property(validName, validName, (one, other) => {
          expect(make(one)).toMatch(dnsLabel);
          expect(make(one).length).toBeLessThanOrEqual(limit);
          expect(make(one) === make(other)).toBe(one === other);
        }),
        { numRuns: 500 },
      );
    },
  );

  test("the longest ScaledObject leaves room for KEDA's prefix in a label (trap 33)", () => {
    expect(`keda-hpa-${scaledObjectName("m".repeat(200))}`).toHaveLength(63);
  });

  test("volumes of different claims differ, also where namespace and claim share dashes", () => {
    fc.assert(
      fc.property(validNamespace, validNamespace, validNamespace, validNamespace, (namespace, claim, ns2, claim2) => {
        const name = persistentVolumeName(namespace, claim);
        expect(name).toMatch(dnsSubdomain);
        expect(name.length).toBeLessThanOrEqual(253);
        expect(name === persistentVolumeName(ns2, claim2)).toBe(namespace === ns2 && claim === claim2);
      }),
      { numRuns: 500 },
    );
    expect(persistentVolumeName("a-b", "c")).not.toBe(persistentVolumeName("a", "b-c"));
  });

  test("a claim has another name for all that a bound pair cannot change, and for nothing else", () => {
    const claim = (changes: Partial<VolumeIdentity>, purpose: VolumePurpose = "serving", name = "llama") =>
      weightsClaimName(name, purpose, { server: "nfs.example.com", path: "/models", ...changes });
    expect(claim({ size: "100Gi" })).toBe("llama-weights-43ba034a");
    expect(claim({})).toBe("llama-weights-43ba034a");
    expect(claim({ driver: "inTree" })).toBe("llama-weights-43ba034a");
    const others = [
      claim({ server: "nfs2.example.com" }),
      claim({ path: "/models/v2" }),
      claim({ size: "200Gi" }),
      claim({ driver: "csi" }),
      claim({}, "download"),
      claim({}, "serving", "mistral"),
    ];
    expect(new Set([claim({}), ...others]).size).toBe(7);
  });
});

describe("what cannot be a name", () => {
  test.each(["Llama", "llama_3", "3-llama", "-llama", "llama-", "llama.3", "", "lläma"])("%j", (name) => {
    expect(nameProblems("name", name)).toEqual([
      {
        path: "name",
        message: `is "${name}", but Kubernetes objects are named after it: use lower-case letters, digits and dashes, begin with a letter and end with a letter or digit.`,
      },
    ]);
  });

  test.each(["llama", "llama-3-1-8b", "a"])("%j can", (name) => {
    expect(nameProblems("name", name)).toEqual([]);
  });

  test.each(["Models", "models.prod", "", "m".repeat(64)])("namespace %j", (namespace) => {
    expect(namespaceProblems("namespace", namespace)).toEqual([
      {
        path: "namespace",
        message: `is "${namespace}", which is no namespace's name: use at most 63 lower-case letters, digits and dashes, beginning and ending with a letter or digit.`,
      },
    ]);
  });

  test.each(["models", "1st", "m".repeat(63)])("namespace %j can", (namespace) => {
    expect(namespaceProblems("namespace", namespace)).toEqual([]);
  });
});
