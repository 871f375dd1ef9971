export { type DownOptions, down } from "./down";
export { expectedObjects } from "./expected-objects";
export * from "./load";
export * from "./observe";
export type { SandboxPart } from "./parts/sandbox-part";
export { sandboxConfiguration } from "./sandbox-configuration";
export type {
  PartStatus,
  ProcessIdentity,
  ProgressEvent,
  ProgressListener,
  SandboxEndpoints,
  SandboxState,
  SandboxStatus,
  StartedSandbox,
  StartingSandbox,
} from "./sandbox-state";
export { status } from "./status";
export { type EnsureToolsOptions, ensureTools, type ToolPaths } from "./tools/ensure-tools";
export { type PrunedTool, type PruneOptions, pruneTools } from "./tools/prune-tools";
export { type UpOptions, up } from "./up";
