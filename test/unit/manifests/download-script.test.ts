import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { downloadScript } from "../../../src/manifests/download-script";

const revision = "0123456789abcdef0123456789abcdef01234567";

/**
 * In the place of Hugging Face's command line: writes what that writes into its folder, waits in the middle while the file `gate`
 * is there, and goes on with what it finds.
 */
const fakeHub = `#!/bin/sh
set -eu
echo "\${0##*/} $*" >>"$LOG"
while [ "$1" != --local-dir ]; do shift; done
folder=$2
mkdir -p "$folder/.cache/huggingface/download"
[ -f "$folder/config.json" ] || echo "begun by $POD_NAME" >"$folder/config.json"
while [ -e "$GATE" ]; do sleep 0.05; done
[ "\${FAIL:-}" = "" ] || exit "$FAIL"
echo weights >"$folder/model.safetensors"
chmod 600 "$folder/model.safetensors"
`;

let folder: string;
const inFolder = (...parts: string[]) => join(folder, ...parts);
const models = (...parts: string[]) => inFolder("models", ...parts);
const target = (...parts: string[]) => models(revision, ...parts);
const partial = (pod: string) => models(`.${revision}.partial-${pod}`);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "vllm-serving-download-"));
  mkdirSync(inFolder("bin"));
  mkdirSync(models());
  installHub("hf");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function installHub(name: string): void {
  writeFileSync(inFolder("bin", name), fakeHub);
  chmodSync(inFolder("bin", name), 0o755);
}

/** The script as the pod of that name runs it, in a process group of its own. */
function start(pod: string, environment: Record<string, string> = {}) {
  return execa("/bin/sh", ["-c", downloadScript, "download", "--exclude=original/*"], {
    env: {
      PATH: `${inFolder("bin")}:/usr/bin:/bin`,
      LOG: inFolder("log"),
      GATE: inFolder("gate"),
      REPOSITORY: "org/model",
      REVISION: revision,
      TARGET: target(),
      POD_NAME: pod,
      ...environment,
    },
    extendEnv: false,
    reject: false,
    all: true,
    detached: true,
  });
}

const calls = () => (existsSync(inFolder("log")) ? readFileSync(inFolder("log"), "utf8").trim().split("\n") : []);
const closeGate = () => writeFileSync(inFolder("gate"), "");
const openGate = () => rmSync(inFolder("gate"));
const begun = (pod: string) =>
  vi.waitFor(() => expect(existsSync(join(partial(pod), "config.json"))).toBe(true), 10_000);

describe("a download", () => {
  test("is there as a whole, with its marker, for all to read and for group 0 to change", async () => {
    const run = await start("one");
    expect(run.exitCode).toBe(0);
    expect(calls()).toEqual([
      `hf download org/model --revision ${revision} --local-dir ${partial("one")} --exclude=original/*`,
    ]);
    expect(readdirSync(models())).toEqual([revision]);
    expect(readdirSync(target()).sort()).toEqual([".complete", "config.json", "model.safetensors"]);
    expect(readFileSync(target(".complete"), "utf8")).toBe(`org/model ${revision}\n`);
    expect(statSync(target()).mode & 0o777).toBe(0o775);
    expect(statSync(target("model.safetensors")).mode & 0o777).toBe(0o664);
  });

  test("that is there is not run again", async () => {
    await start("one");
    mkdirSync(partial("two"));
    const again = await start("two");
    expect(again.exitCode).toBe(0);
    expect(again.all).toBe(`org/model ${revision} is already in ${target()}`);
    expect(calls()).toHaveLength(1);
    expect(readdirSync(models())).toEqual([revision]);
  });

  test("by the command's name before huggingface_hub 0.34", async () => {
    rmSync(inFolder("bin", "hf"));
    installHub("huggingface-cli");
    expect((await start("one")).exitCode).toBe(0);
    expect(calls()[0]).toMatch(/^huggingface-cli download org\/model /);
  });

  test("that fails says so, and leaves nothing under the model's name", async () => {
    const run = await start("one", { FAIL: "7" });
    expect(run.exitCode).toBe(7);
    expect(existsSync(target())).toBe(false);
  });

  test("never touches a directory that it has not made", async () => {
    mkdirSync(target());
    writeFileSync(target("mine"), "");
    const run = await start("one");
    expect(run.exitCode).toBe(1);
    expect(run.all).toBe(`${target()} exists, but no download has completed it: move it away`);
    expect(readdirSync(target())).toEqual(["mine"]);
    expect(calls()).toEqual([]);
  });
});

describe("a download that is killed in the middle", () => {
  async function killInTheMiddle(pod: string, signal: "SIGKILL" | "SIGTERM") {
    closeGate();
    const run = start(pod);
    await begun(pod);
    expect(existsSync(target())).toBe(false);
    // A container's end takes all its processes; a pod's first asks its first process.
    process.kill(signal === "SIGKILL" ? -Number(run.pid) : Number(run.pid), signal);
    const ended = await run;
    openGate();
    return ended;
  }

  test("leaves nothing under the model's name, and goes on where it was in the same pod", async () => {
    await killInTheMiddle("one", "SIGKILL");
    expect(readdirSync(models())).toEqual([`.${revision}.partial-one`]);
    writeFileSync(join(partial("one"), "config.json"), "from before");
    expect((await start("one")).exitCode).toBe(0);
    expect(readdirSync(models())).toEqual([revision]);
    expect(readFileSync(target("config.json"), "utf8")).toBe("from before");
  });

  test("ends at once when it is asked to", async () => {
    const ended = await killInTheMiddle("one", "SIGTERM");
    expect(ended.exitCode).toBe(143);
    expect(existsSync(target())).toBe(false);
  });

  test("is cleared away by a later pod once nothing was written for an hour", async () => {
    await killInTheMiddle("one", "SIGKILL");
    await killInTheMiddle("two", "SIGKILL");
    const longAgo = Date.now() / 1000 - 3700;
    for (const path of ["config.json", ".cache/huggingface/download", ".cache/huggingface", ".cache", "."]) {
      utimesSync(join(partial("one"), path), longAgo, longAgo);
    }
    expect((await start("three")).exitCode).toBe(0);
    expect(readdirSync(models()).sort()).toEqual([`.${revision}.partial-two`, revision].sort());
  });
});

test("two at once: both succeed, and one of them is there as a whole", async () => {
  closeGate();
  const runs = ["one", "two"].map((pod) => start(pod));
  await Promise.all(["one", "two"].map(begun));
  openGate();
  expect((await Promise.all(runs)).map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  expect(calls()).toHaveLength(2);
  expect(readdirSync(models())).toEqual([revision]);
  expect(readdirSync(target()).sort()).toEqual([".complete", "config.json", "model.safetensors"]);
  expect(readFileSync(target("config.json"), "utf8")).toMatch(/^begun by (one|two)\n$/);
});
