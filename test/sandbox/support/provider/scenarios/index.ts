import type { Scenario } from "../scenario";
import { configurationScenarios } from "./configuration";
import { customResourceScenarios } from "./custom-resources";
import { platformScenarios } from "./platform";
import { releaseScenarios } from "./releases";
import { workloadScenarios } from "./workloads";

/** All scenarios, by the file their answers are in. */
export const scenarioTables: Record<string, Scenario[]> = {
  configuration: configurationScenarios,
  "custom-resources": customResourceScenarios,
  platform: platformScenarios,
  releases: releaseScenarios,
  workloads: workloadScenarios,
};
