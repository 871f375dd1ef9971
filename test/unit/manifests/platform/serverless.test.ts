import { describe, expect, test } from "vitest";
import { platformProblems, type ServingPlatformOptions } from "../../../../src/manifests/platform-reference";

const kserve = { mode: "install", productVersion: "2.22.0", serverless: true };
const install = { mode: "install" };
const adopt = { mode: "adopt" };
const existing = { mode: "existing" };

function lines(options: Partial<ServingPlatformOptions>): string[] {
  return platformProblems({ distribution: "openshift", ...options }).map(({ path, message }) => `${path} ${message}`);
}

describe("OpenShift AI 2 that serves through Knative", () => {
  test.each<[string, Partial<ServingPlatformOptions>]>([
    ["makes all of it", { knative: install, serviceMesh: install, authorino: install, kserve }],
    ["needs no Authorino", { knative: install, serviceMesh: install, kserve }],
    ["takes operators that are there", { knative: adopt, serviceMesh: adopt, authorino: existing, kserve }],
    ["takes Knative Serving and a mesh that are there", { knative: existing, serviceMesh: existing, kserve }],
    ["makes a mesh for a Knative Serving that is there", { knative: existing, serviceMesh: install, kserve }],
    ["is there with all of it", { knative: existing, kserve: { ...kserve, mode: "existing" } }],
  ])("%s", (_, options) => {
    expect(lines(options)).toEqual([]);
  });

  test("says what it lacks", () => {
    expect(lines({ kserve })).toEqual([
      'knative.mode is "none", but kserve.serverless needs OpenShift Serverless, from which OpenShift AI makes Knative Serving: take "install", "adopt" where its operator is there, or "existing" where all of it is.',
      'serviceMesh.mode is "none", but kserve.serverless needs Service Mesh 2, from which OpenShift AI makes the mesh in front of it: take "install", "adopt" where its operator is there, or "existing" where all of it is.',
    ]);
  });

  test("makes Knative Serving only where upstream's operator does", () => {
    expect(lines({ kserve, knative: install, serviceMesh: existing })).toEqual([
      'serviceMesh.mode is "existing", but knative.mode is "install": OpenShift AI makes Knative Serving only in a mesh that it makes too. Take "adopt" where the mesh\'s operator is there, or knative.mode "existing".',
    ]);
    expect(lines({ kserve, knative: { ...install, namespace: "knative" }, serviceMesh: install })).toEqual([
      'knative.namespace is "knative", but OpenShift AI makes Knative Serving in "knative-serving": leave it out.',
    ]);
  });

  test("that is somebody else's has its Knative", () => {
    expect(lines({ kserve: { ...kserve, mode: "existing" }, knative: install, serviceMesh: install })).toEqual([
      'serviceMesh.mode is "install", but only an OpenShift AI that is installed or adopted with kserve.serverless uses it: leave it out.',
      'knative.mode is "install", but kserve.mode is "existing" with kserve.serverless: that OpenShift AI has its Knative already. Take "existing".',
    ]);
  });
});

test("nobody else uses Service Mesh and Authorino (trap 45)", () => {
  expect(lines({ kserve: install, serviceMesh: adopt, authorino: install })).toEqual([
    'serviceMesh.mode is "adopt", but only an OpenShift AI that is installed or adopted with kserve.serverless uses it: leave it out.',
    'authorino.mode is "install", but only an OpenShift AI that is installed or adopted with kserve.serverless uses it: leave it out.',
  ]);
  const prometheus = { url: "http://prometheus:9090" };
  expect(lines({ distribution: "kubernetes", prometheus, serviceMesh: install, authorino: existing })).toEqual([
    'serviceMesh.mode is "install", but the piece is OpenShift\'s: leave it out.',
    'authorino.mode is "existing", but the piece is OpenShift\'s: leave it out.',
  ]);
  expect(lines({ serviceMesh: { mode: "none", operator: { catalog: "mirror" } } })).toEqual([
    'serviceMesh.operator is given, but with mode "none" nothing is installed.',
  ]);
});
