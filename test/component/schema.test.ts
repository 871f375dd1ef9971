import { resolve } from "node:path";
import { Analyzer } from "@pulumi/pulumi/provider/experimental/analyzer";
import { expect, test } from "vitest";
import packageJson from "../../package.json";
import { components } from "../support/components";

test("exports these components", () => {
  expect(components).toEqual([
    "Authorino",
    "CertManager",
    "GpuOperator",
    "KServe",
    "Keda",
    "KedaHttpAddon",
    "KnativeServing",
    "ModelWeights",
    "Monitoring",
    "ServedModel",
    "ServiceMesh",
    "ServingPlatform",
    "SloAutoscaler",
    "VllmServer",
  ]);
});

test("other languages see this schema", () => {
  const analyzer = new Analyzer(resolve(__dirname, "../.."), packageJson.name, packageJson, new Set(components));
  expect(analyzer.analyze()).toMatchSnapshot();
});
