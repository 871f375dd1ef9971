/** A tool that cannot be had; the message says why and what to do. */
export class ToolBuildError extends Error {
  override readonly name = "ToolBuildError";
}
