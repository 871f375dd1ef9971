export type {
  GapObjective,
  LoadEvent,
  LoadPhase,
  LoadRequest,
  LoadResult,
  RequestOutcome,
  RequestRecord,
} from "./load-types";
export { type LoadOptions, runLoad } from "./run-load";
export { type WaitUntilServedOptions, waitUntilServed } from "./wait-until-served";
