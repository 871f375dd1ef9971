import { describe, expect, it } from "vitest";
import { redact } from "../../../../packages/sandbox/src/provider/redact";

describe("redact", () => {
  it.each<[string, string, string[], string]>([
    ["a value", 'Invalid value: "hunter2"', ["hunter2"], 'Invalid value: "[secret]"'],
    ["a quoted value with a line break", 'Invalid value: "a1b2\\nc3d4"', ["a1b2\nc3d4"], 'Invalid value: "[secret]"'],
    ["one line of a value", "near c3d4x", ["a1b2\nc3d4x"], "near [secret]"],
    ["the longer of two first", "abcdef", ["abcd", "abcdef"], "[secret]"],
    ["a short one as a word only", "1 of 10, value 1", ["1"], "[secret] of 10, value [secret]"],
    ["characters of regular expressions", "a+b and a+b", ["a+b"], "[secret] and [secret]"],
    ["nothing for empty secrets", "text", ["", " "], "text"],
  ])("replaces %s", (_what, text, secrets, redacted) => {
    expect(redact(text, secrets)).toBe(redacted);
  });
});
