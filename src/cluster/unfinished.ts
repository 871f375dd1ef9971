import type { Properties } from "./operation";

/** Something was made before it failed. It is remembered, so that the next `up` goes on with it and a destroy removes it. */
export class Unfinished extends Error {
  constructor(
    message: string,
    readonly made: Properties,
  ) {
    super(message);
  }
}
