import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/** More than twenty long lines of any part's log. */
const tailBytes = 64 * 1024;

/** The last lines of a log without empty ones; none when it cannot be read. */
export function lastLines(file: string, count = 20): string[] {
  const tail = readTail(file);
  if (tail === undefined) return [];
  const lines = tail.text.split("\n");
  // The first line is cut when the file is longer than what was read.
  return (tail.cut ? lines.slice(1) : lines).filter((line) => line.trim() !== "").slice(-count);
}

function readTail(file: string): { text: string; cut: boolean } | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, "r");
    const { size } = fstatSync(descriptor);
    const start = Math.max(0, size - tailBytes);
    const buffer = Buffer.alloc(size - start);
    readSync(descriptor, buffer, 0, buffer.length, start);
    return { text: buffer.toString("utf8"), cut: start > 0 };
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
