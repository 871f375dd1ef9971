import type { Scenario } from "../scenario";
import { configurationScenarios } from "./configuration";
import { customResourceScenarios } from "./custom-resources";
import { jobScenarios } from "./jobs";
import { networkScenarios } from "./network";
import { patchScenarios } from "./patches";
import { platformScenarios } from "./platform";
import { releaseScenarios } from "./releases";
import { workloadScenarios } from "./workloads";

/** All scenarios, by the file their answers are in. */
export const scenarioTables: Record<string, Scenario[]> = {
  configuration: configurationScenarios,
  "custom-resources": customResourceScenarios,
  jobs: jobScenarios,
  network: networkScenarios,
  patches: patchScenarios,
  platform: platformScenarios,
  releases: releaseScenarios,
  workloads: workloadScenarios,
};
