import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { lastLines } from "../../../../packages/sandbox/src/supervisor/last-lines";

const directory = mkdtempSync(join(tmpdir(), "log-"));
afterAll(() => rmSync(directory, { recursive: true }));

function log(text: string): string {
  const file = join(directory, "part.log");
  writeFileSync(file, text);
  return file;
}

describe("lastLines", () => {
  it("gives the end of a log without empty lines", () => {
    expect(lastLines(log("one\ntwo\n\nthree\n"), 2)).toEqual(["two", "three"]);
  });

  it("gives all of a short log, and a last line without an end", () => {
    expect(lastLines(log("one\ntwo"))).toEqual(["one", "two"]);
  });

  it("gives whole lines of a log that is longer than what is read", () => {
    const lines = Array.from({ length: 3000 }, (_, index) => `line ${index} ${"x".repeat(40)}`);
    expect(lastLines(log(`${lines.join("\n")}\n`), 5)).toEqual(lines.slice(-5));
    expect(lastLines(log(`${lines.join("\n")}\n`), 3000).every((line) => line.startsWith("line "))).toBe(true);
  });

  it("gives nothing where there is no log", () => {
    expect(lastLines(join(directory, "none.log"))).toEqual([]);
    expect(lastLines(log(""))).toEqual([]);
  });
});
