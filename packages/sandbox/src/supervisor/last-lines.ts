import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/** More than twenty long lines of any part's log. */
const tailBytes = 64 * 1024;

/** The last lines of a log without empty ones; none when it does not exist. */
export function lastLines(file: string, count = 20): string[] {
  let descriptor: number;
  try {
    descriptor = openSync(file, "r");
  } catch {
    return [];
  }
  try {
    const { size } = fstatSync(descriptor);
    const start = Math.max(0, size - tailBytes);
    const buffer = Buffer.alloc(size - start);
    readSync(descriptor, buffer, 0, buffer.length, start);
    const lines = buffer.toString("utf8").split("\n");
    // The first line is cut when the file is longer than what was read.
    return (start > 0 ? lines.slice(1) : lines).filter((line) => line.trim() !== "").slice(-count);
  } finally {
    closeSync(descriptor);
  }
}
