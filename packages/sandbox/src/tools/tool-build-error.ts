import { ExplainedError } from "../explained-error";

/** A tool that cannot be had; the message says why and what to do. */
export class ToolBuildError extends ExplainedError {
  override readonly name = "ToolBuildError";
}
