import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { Analyzer } from "@pulumi/pulumi/provider/experimental/analyzer";
import { expect, test } from "vitest";
import packageJson from "../../package.json";
import * as vllmServing from "../../src";

/** Exported classes that are components: what other languages get. */
const components = Object.entries(vllmServing)
  .filter(([, value]) => typeof value === "function" && value.prototype instanceof pulumi.ComponentResource)
  .map(([name]) => name)
  .sort();

test("exports these components", () => {
  expect(components).toEqual([
    "CertManager",
    "GpuOperator",
    "KServe",
    "Keda",
    "KedaHttpAddon",
    "KnativeServing",
    "ModelWeights",
    "Monitoring",
    "ServedModel",
    "ServingPlatform",
    "SloAutoscaler",
    "VllmServer",
  ]);
});

test("other languages see this schema", () => {
  const analyzer = new Analyzer(resolve(__dirname, "../.."), packageJson.name, packageJson, new Set(components));
  expect(analyzer.analyze()).toMatchSnapshot();
});
