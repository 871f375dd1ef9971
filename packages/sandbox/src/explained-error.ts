/** An error whose message says what happened, where, and what to do about it. */
export class ExplainedError extends Error {}
