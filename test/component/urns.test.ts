import * as k8s from "@pulumi/kubernetes";
import { expect, test } from "vitest";
import { ServedModel, ServingPlatform } from "../../src";
import { kubernetes, llama, openShift } from "./fixtures";
import { record } from "./recorded-program";

/** A name that changes here replaces the object in every stack that has it: give the child an alias first. */
test("names of all resources of a program with everything in it", async () => {
  const { resources } = await record(() => {
    const provider = new k8s.Provider("cluster", { kubeconfig: "{}" });
    const options = { provider };
    const { reference } = new ServingPlatform(
      "platform",
      { distribution: "openshift", prometheus: { url: openShift.prometheusUrl } },
      options,
    );
    new ServedModel(
      "llama",
      { ...llama, createNamespace: true, prometheusAuthentication: "boundServiceAccountToken", platform: reference },
      options,
    );
    const mistral = { ...llama, weights: { existingClaim: "mistral" }, backend: "deployment" } as const;
    new ServedModel("mistral", { ...mistral, platform: kubernetes }, options);
  });
  expect([...resources.keys()].sort()).toMatchSnapshot();
});
