import * as pulumi from "@pulumi/pulumi";
import type { Problem } from "../policy/policy-input";

/**
 * Ends the program with all problems at once, before the component or anything in it is registered.
 *
 * @throws pulumi.RunError if there is a problem: the one error that the engine shows as its message alone
 */
export function refuse(component: string, name: string, problems: readonly Problem[]): void {
  if (problems.length > 0) {
    throw invalidArguments(component, name, problems);
  }
}

/** The error `refuse` throws. It has no stack, which would bury the message when it comes out of an `apply`. */
export function invalidArguments(component: string, name: string, problems: readonly Problem[]): pulumi.RunError {
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  const lines = problems.map(({ path, message }) => `  ${path}: ${message}`);
  const error = new pulumi.RunError(`${component} "${name}" has ${count} in its arguments:\n${lines.join("\n")}`);
  error.stack = `RunError: ${error.message}`;
  return error;
}

/** Whether a value is known without waiting. */
export function isPlain<T>(
  input: pulumi.Input<T>,
): input is Exclude<pulumi.Input<T>, Promise<T> | pulumi.OutputInstance<T>> {
  return !pulumi.Output.isInstance(input) && !(input instanceof Promise);
}

/** `input`, checked as soon as it is known. Plain values have been checked before. */
export function checked(
  input: pulumi.Input<string>,
  check: (value: string) => Problem[],
  fail: (problems: Problem[]) => Error,
): pulumi.Input<string> {
  if (typeof input === "string") {
    return input;
  }
  return pulumi.output(input).apply((value) => {
    const problems = check(value);
    if (problems.length > 0) {
      throw fail(problems);
    }
    return value;
  });
}
