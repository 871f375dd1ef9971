import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { z } from "zod";
import { ExplainedError } from "../explained-error";
import { messageOf } from "../message-of";

/** Writes a file that only its owner can read, in one step, so that a reader never sees half of it. */
export function writeJson(file: string, value: unknown): void {
  const temporary = `${file}.${process.pid}.tmp`;
  writeFileSync(temporary, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  renameSync(temporary, file);
}

/** A file of a sandbox that holds something else than it was written with, as a crash of the machine may leave it. */
export class DamagedFile extends ExplainedError {
  override readonly name = "DamagedFile";

  constructor(file: string, reason: string) {
    const sandbox = basename(dirname(file));
    super(
      `${file} is damaged (${reason}). Remove the sandbox with \`vllm-serving sandbox down --name ${sandbox}\`, then start it again.`,
    );
  }
}

/**
 * The content of a sandbox's file; undefined when there is no such file.
 * @throws DamagedFile with what to do, when it is not what the schema says.
 */
export function readJson<T>(file: string, schema: z.ZodType<T>): T | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new DamagedFile(file, text === "" ? "it is empty" : messageOf(error));
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new DamagedFile(file, z.prettifyError(parsed.error).replaceAll(/\s*\n\s*/g, " "));
}

/** As `readJson`, where a damaged file counts as none. */
export function readJsonIfSound<T>(file: string, schema: z.ZodType<T>): T | undefined {
  try {
    return readJson(file, schema);
  } catch (error) {
    if (error instanceof DamagedFile) return undefined;
    throw error;
  }
}
