import { stripVTControlCharacters } from "node:util";
import { vi } from "vitest";
import { createProgram } from "../../packages/cli/src/main";

/** What a command printed, without colours, and how it ended. */
export interface Run {
  exitCode: number | string | undefined;
  out: string;
  error: string;
}

/** Runs the command line in this process. @throws what the command throws */
export async function runCommand(...args: string[]): Promise<Run> {
  const run = { out: "", error: "" };
  const spies = [
    vi.spyOn(console, "log").mockImplementation((line) => {
      run.out += `${line}\n`;
    }),
    vi.spyOn(console, "error").mockImplementation((line) => {
      run.error += `${line}\n`;
    }),
    vi.spyOn(process.stdout, "write").mockImplementation((text) => {
      run.out += text;
      return true;
    }),
    vi.spyOn(process.stderr, "write").mockImplementation((text) => {
      run.error += text;
      return true;
    }),
  ];
  process.exitCode = undefined;
  try {
    await createProgram().parseAsync(args, { from: "user" });
    const { out, error } = run;
    return { exitCode: process.exitCode, out: stripVTControlCharacters(out), error: stripVTControlCharacters(error) };
  } finally {
    process.exitCode = undefined;
    for (const spy of spies) spy.mockRestore();
  }
}
