import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import {
  DamagedFile,
  readJson,
  readJsonIfSound,
  writeJson,
} from "../../../../packages/sandbox/src/supervisor/json-file";

const schema = z.object({ name: z.string() });
let directory: string;
let file: string;

beforeEach(() => {
  directory = join(mkdtempSync(join(tmpdir(), "json-")), "demo");
  mkdirSync(directory);
  file = join(directory, "state.json");
});
afterEach(() => rmSync(join(directory, ".."), { recursive: true }));

describe("a file of a sandbox", () => {
  it("is read as it was written, and none is no error", () => {
    expect(readJson(file, schema)).toBeUndefined();
    writeJson(file, { name: "x" });
    expect(readJson(file, schema)).toEqual({ name: "x" });
  });

  it.each([
    ["", "it is empty"],
    ['{"name": "x', /^Unterminated string in JSON/],
    ['{"name": 1}', "✖ Invalid input: expected string, received number → at name"],
  ])("that holds %j says where, why and what to do", (text, reason) => {
    writeFileSync(file, text);
    expect(readJsonIfSound(file, schema)).toBeUndefined();
    let message = "";
    try {
      readJson(file, schema);
    } catch (error) {
      expect(error).toBeInstanceOf(DamagedFile);
      message = error instanceof Error ? error.message : "";
    }
    const [, found = ""] =
      /^(?:\S+)\/demo\/state\.json is damaged \((.*)\)\. Remove the sandbox with `vllm-serving sandbox down --name demo`, then start it again\.$/.exec(
        message,
      ) ?? [];
    if (typeof reason === "string") expect(found).toBe(reason);
    else expect(found).toMatch(reason);
  });

  it("that cannot be read at all is no damaged one", () => {
    mkdirSync(file);
    expect(() => readJsonIfSound(file, schema)).toThrow("EISDIR");
  });
});
