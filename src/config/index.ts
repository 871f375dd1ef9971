export type { NumberedRelease } from "../manifests/platform/platform-manifests";
export { applicationPatch, forArgoCd } from "./argo-cd";
export { type ClusterResult, checkCluster, type SelectedCluster } from "./cluster-guard";
export { type ExplainedModel, explainConfiguration } from "./explain";
export {
  findLintConfiguration,
  type LintConfiguration,
  lintConfigurationName,
  loadLintConfiguration,
} from "./lint-configuration";
export { lintSources } from "./lint-sources";
export { loadConfigurationFile, stackFileText } from "./load";
export { servedModelOptions } from "./model-options";
export { type ConfigurationResult, parseConfiguration, type RawConfiguration } from "./parse";
export { formatProblems } from "./problems";
export { type RenderedObject, renderBeside, renderConfiguration, toYaml, toYamlDocument } from "./render";
export {
  type ClusterConfiguration,
  type Configuration,
  configurationSchema,
  type ExpectedCluster,
  type ModelConfiguration,
  type PlatformConfiguration,
} from "./schema";
