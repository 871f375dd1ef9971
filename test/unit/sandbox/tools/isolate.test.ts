import { type ChildProcess, execFile, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { modulesDirectory } from "../../../../packages/sandbox/src/tools/tool-cache";
import { allProcesses } from "../../../sandbox/support/processes";

const scratch = mkdtempSync(join(tmpdir(), "vllm-serving-isolate-"));
const isolate = join(scratch, "isolate");
const run = promisify(execFile);

beforeAll(() => {
  execFileSync("go", ["build", "-buildvcs=false", "-o", isolate, "."], {
    cwd: join(modulesDirectory, "isolate"),
    env: { ...process.env, CGO_ENABLED: "0" },
  });
}, 120_000);
afterAll(() => rmSync(scratch, { recursive: true }));

/** An ended process that nobody has waited for yet does not count: some machines take seconds over that. */
const alive = (pid: number): boolean => allProcesses().some((one) => one.pid === pid);

async function firstLine(child: ChildProcess): Promise<string> {
  const [data] = await once(child.stdout ?? child, "data");
  return String(data).trim();
}

// Namespaces exist on Linux only.
describe.runIf(process.platform === "linux")("isolate", { timeout: 60_000 }, () => {
  it("gives the program a loopback interface that is up, and no other", async () => {
    const { stdout } = await run(isolate, ["cat", "/proc/net/dev"]);
    expect(
      stdout
        .trim()
        .split("\n")
        .slice(2)
        .map((line) => line.trim().split(":")[0]),
    ).toEqual(["lo"]);
    const { stdout: echoed } = await run(isolate, [
      process.execPath,
      "-e",
      `const s = require("net").createServer((c) => c.end("here")).listen(0, "127.0.0.1", () =>
         require("net").connect(s.address().port, "127.0.0.1").on("data", (d) => { console.log(String(d)); process.exit(0); }))`,
    ]);
    expect(echoed).toBe("here\n");
  });

  it("keeps what listens inside out of reach from outside, and the other way round", async () => {
    const outside = createServer().listen(0, "127.0.0.1");
    await once(outside, "listening");
    const address = outside.address();
    const outsidePort = typeof address === "object" && address !== null ? address.port : 0;
    const script = `const s = require("net").createServer().listen(0, "0.0.0.0", () => console.log(String(s.address().port)));`;
    const child = spawn(isolate, [process.execPath, "-e", script]);
    const insidePort = Number(await firstLine(child));
    const [refused] = await once(connect(insidePort, "127.0.0.1"), "error");
    expect(refused.code).toBe("ECONNREFUSED");
    const probe = `require("net").connect(${outsidePort}, "127.0.0.1").on("error", (e) => console.log(e.code)).on("connect", () => console.log("connected"))`;
    const { stdout } = await run(isolate, [process.execPath, "-e", `${probe}; setTimeout(() => process.exit(), 2000)`]);
    expect(stdout).toBe("ECONNREFUSED\n");
    outside.close();
    child.kill("SIGTERM");
    await once(child, "exit");
  });

  it("passes the exit code and signals through", async () => {
    expect(spawnSync(isolate, ["sh", "-c", "exit 7"]).status).toBe(7);
    const child = spawn(isolate, ["sh", "-c", "trap 'exit 9' TERM; echo ready; while :; do sleep 0.1; done"]);
    await firstLine(child);
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([9, null]);
  });

  it("takes the program with it when it is killed", async () => {
    const start = async () => {
      const child = spawn(isolate, ["sh", "-c", "echo $$; exec sleep 600"]);
      return { child, pid: Number(await firstLine(child)) };
    };
    const started = await Promise.all(Array.from({ length: 40 }, start));
    const left = () => started.filter(({ pid }) => alive(pid)).length;
    expect(left()).toBe(40);
    const ended = started.map(({ child }) => once(child, "exit"));
    for (const { child } of started) child.kill("SIGKILL");
    await Promise.all(ended);
    // Dead at once, but known until whoever adopts orphans has asked for its end.
    for (let i = 0; i < 300 && left() > 0; i++) await sleep(100);
    expect(left()).toBe(0);
  });

  it.runIf(process.getuid?.() === 0)("needs no root: another user gets a user namespace too", () => {
    chmodSync(scratch, 0o755);
    const nobody = { uid: 65_534, gid: 65_534, encoding: "utf8" } as const;
    const { status, stdout, stderr } = spawnSync(isolate, ["sh", "-c", "id -u; grep -c : /proc/net/dev"], nobody);
    // One line of /proc/net/dev names an interface.
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "0\n1\n", stderr: "" });
  });

  it("says whether it works here, and which program it cannot find", () => {
    expect(spawnSync(isolate, ["--check"]).status).toBe(0);
    const missing = spawnSync(isolate, ["no-such-program"], { encoding: "utf8" });
    expect(missing.status).toBe(1);
    expect(missing.stderr).toContain("no-such-program");
  });
});
