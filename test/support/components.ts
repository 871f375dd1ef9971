import * as pulumi from "@pulumi/pulumi";
import * as vllmServing from "../../src";

/** Exported classes that are components: what other languages get. */
export const components = Object.entries(vllmServing)
  .filter(([, value]) => typeof value === "function" && value.prototype instanceof pulumi.ComponentResource)
  .map(([name]) => name)
  .sort();
