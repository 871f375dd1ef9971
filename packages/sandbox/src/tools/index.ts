export { type EnsureToolsOptions, ensureTools, type ToolPaths } from "./ensure-tools";
export { ToolBuildError } from "./go-build";
