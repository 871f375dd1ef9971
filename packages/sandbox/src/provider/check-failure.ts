/** An argument that cannot be right; the engine shows it with the resource. */
export class CheckFailure extends Error {
  constructor(
    readonly property: string,
    readonly reason: string,
  ) {
    super(`${property}: ${reason}`);
    this.name = "CheckFailure";
  }
}
