import type { JsonObject } from "./json";

/**
 * The object exists, but the operation did not end well. The engine saves the state and shows the reasons; the next run
 * goes on from there.
 */
export class PartialFailure extends Error {
  constructor(
    message: string,
    readonly id: string,
    readonly state: JsonObject,
    readonly reasons: string[],
    /** Inputs to save, in a refresh. */
    readonly inputs?: JsonObject,
  ) {
    super(message);
    this.name = "PartialFailure";
  }
}
