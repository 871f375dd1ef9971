import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { explainFileProblem } from "../../../packages/sandbox/src/file-problems";
import { describeError } from "../../../packages/sandbox/src/supervisor/describe-error";
import { PartFailure } from "../../../packages/sandbox/src/supervisor/parts";
import { up } from "../../../packages/sandbox/src/up";

const folder = { what: "The sandbox's files", folder: "/state/demo", variable: "VLLM_SERVING_STATE" } as const;
const failure = (code: string, path?: string) =>
  Object.assign(new Error(`${code}: raw`), { code, ...(path !== undefined && { path }) });

describe("a problem of the file system", () => {
  it.each([
    [
      failure("ENOSPC"),
      "/state/demo: the disk is full (ENOSPC). Free some space, or set VLLM_SERVING_STATE to a folder on another disk.",
    ],
    [
      failure("EDQUOT", "/state/demo/x"),
      "/state/demo/x: the disk quota is used up (EDQUOT). Free some space, or set VLLM_SERVING_STATE to a folder on another disk.",
    ],
    [
      failure("EROFS", "/state"),
      "/state: the file system is read-only (EROFS). Set VLLM_SERVING_STATE to a folder that you can write to.",
    ],
    [
      failure("EACCES", "/state"),
      "/state: it belongs to another user (EACCES). Set VLLM_SERVING_STATE to a folder that you can write to.",
    ],
  ])("says where, why and what to do: %s", (error, rest) => {
    expect(explainFileProblem(error, folder)).toEqual(
      new Error(`The sandbox's files cannot be written: ${rest}`, { cause: error }),
    );
  });

  it("is told from every other error, which stays as it is", () => {
    for (const other of [new Error("x"), failure("ECONNREFUSED"), "text"]) {
      expect(explainFileProblem(other, folder)).toBe(other);
    }
  });
});

describe("an error of the start", () => {
  it("is told with its causes and what helps", () => {
    const error = new Error("API server ready: not within 90 seconds", { cause: new Error("connect ECONNREFUSED") });
    expect(describeError(error)).toBe("API server ready: not within 90 seconds\n  connect ECONNREFUSED");
    expect(describeError(new Error("listen EADDRINUSE: address already in use 127.0.0.1:20001"))).toBe(
      "listen EADDRINUSE: address already in use 127.0.0.1:20001\nAnother program has taken a port that was free when the sandbox chose it. Start the sandbox again: it chooses other ports.",
    );
  });

  it("that says already what helps does so once", () => {
    const error = new PartFailure("etcd", "ended with exit code 1", "/l", ["no space left on device"]);
    expect(describeError(error)).toBe(error.message);
    expect(error.message.match(/The disk is full/g)).toHaveLength(1);
  });
});

describe("up", () => {
  let scratch: string;
  beforeEach(() => {
    scratch = mkdtempSync(join(tmpdir(), "up-"));
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(scratch, { recursive: true });
  });

  it("says what to do where the folder of the sandboxes cannot be made", async () => {
    writeFileSync(join(scratch, "file"), "");
    vi.stubEnv("VLLM_SERVING_STATE", join(scratch, "file/sandboxes"));
    await expect(up()).rejects.toThrow(
      `The sandbox's files cannot be written: ${join(scratch, "file/sandboxes")}: a part of its path is a file (ENOTDIR). Set VLLM_SERVING_STATE to a folder that you can write to.`,
    );
  });
});
