import { describe, expect, test } from "vitest";
import {
  modelSupportWarnings,
  platformWarnings,
  SupportLevel,
  supportFacts,
} from "../../../../src/manifests/platform/openshift/support";
import type { ServingPlatformOptions } from "../../../../src/manifests/platform-reference";
import type { Scaling } from "../../../../src/manifests/scaling-options";

const { httpAddOn, kserveKeda, openDataHub, otherTriggers, serverless } = supportFacts;

test("a Technology Preview is called one where it is said", () => {
  for (const { level, message } of Object.values(supportFacts)) {
    expect(message.includes(SupportLevel.TechnologyPreview)).toBe(level === SupportLevel.TechnologyPreview);
  }
});

describe("of a platform", () => {
  const install = { mode: "install" };
  test.each<[string, ServingPlatformOptions["kserve"], string[]]>([
    ["OpenShift AI of today", install, []],
    [
      "OpenShift AI 2 through Knative",
      { ...install, productVersion: "2.22.0", serverless: true },
      [serverless.message],
    ],
    [
      "Open Data Hub 2 through Knative",
      { mode: "adopt", product: "openDataHub", productVersion: "2.33.0", serverless: true },
      [openDataHub.message, serverless.message],
    ],
    ["somebody else's Open Data Hub", { mode: "existing", product: "openDataHub" }, []],
  ])("%s", (_, kserve, expected) => {
    expect(platformWarnings({ distribution: "openshift", kserve })).toEqual(expected);
  });

  test("on Kubernetes nothing is Red Hat's", () => {
    expect(platformWarnings({ distribution: "kubernetes", kedaHttpAddon: install, kserve: install })).toEqual([]);
  });
});

describe("of a model", () => {
  test.each<[string, Scaling | undefined, string[]]>([
    ["the default", undefined, []],
    ["its own ScaledObject", { scaledObject: {} }, []],
    ["requests that are held", { http: { hosts: ["llama.example.com"] } }, [httpAddOn.message]],
    ["KServe's class keda", { kserveKeda: {} }, [kserveKeda.message]],
    ["Knative", { knative: {} }, [serverless.message]],
  ])("%s", (_, scaling, expected) => {
    expect(modelSupportWarnings({ scaling }, "openshift")).toEqual(expected);
    expect(modelSupportWarnings({ scaling }, "kubernetes")).toEqual([]);
  });

  test("with triggers that Red Hat does not support", () => {
    const of = (...types: string[]) =>
      modelSupportWarnings({ extraTriggers: types.map((type) => ({ type, metadata: {} })) }, "openshift");
    expect(of("cron", "kafka", "prometheus")).toEqual([]);
    expect(of("cron", "rabbitmq", "redis")).toEqual([otherTriggers.message]);
  });
});
