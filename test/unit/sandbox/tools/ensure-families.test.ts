import { execFileSync } from "node:child_process";
import {
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
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ProgressEvent } from "../../../../packages/sandbox/src/sandbox-state";
import { ensureFamilies, ensureTools, stillNeeded } from "../../../../packages/sandbox/src/tools/ensure-tools";
import type { ToolFamily } from "../../../../packages/sandbox/src/tools/families";
import { ToolBuildError } from "../../../../packages/sandbox/src/tools/tool-build-error";
import { familyKey } from "../../../../packages/sandbox/src/tools/tool-cache";

const hello: ToolFamily = {
  name: "hello",
  title: "Hello",
  version: "1.2.3",
  binaries: { etcd: "./cmd/first", kwok: "./cmd/second" },
  manifests: {},
  tags: [],
  symbols: { "main.version": "1.2.3" },
  coldBuildSeconds: 5,
};

let scratch: string;
let modulesDirectory: string;

function writeModule(body = "fmt.Println(version)"): void {
  const directory = join(modulesDirectory, "hello");
  for (const name of ["first", "second"]) {
    mkdirSync(join(directory, "cmd", name), { recursive: true });
    const source = `package main\n\nimport "fmt"\n\nvar version = "unset"\n\nfunc main() { ${body} }\n`;
    writeFileSync(join(directory, "cmd", name, "main.go"), source);
  }
  writeFileSync(join(directory, "go.mod"), "module example.test/hello\n\ngo 1.26.0\n");
}

beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), "vllm-serving-tools-"));
  modulesDirectory = join(scratch, "modules");
  vi.stubEnv("VLLM_SERVING_CACHE", join(scratch, "cache"));
  writeModule();
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(scratch, { recursive: true });
});

describe("building a family", { timeout: 120_000 }, () => {
  it("builds each program with its version, tells the progress, and does nothing the second time", async () => {
    const events: ProgressEvent[] = [];
    const options = { modulesDirectory, onProgress: (event: ProgressEvent) => void events.push(event) };
    const [directory = ""] = await ensureFamilies([hello], options);
    expect(execFileSync(join(directory, "bin/etcd"), { encoding: "utf8" })).toBe("1.2.3\n");
    expect(execFileSync(join(directory, "bin/kwok"), { encoding: "utf8" })).toBe("1.2.3\n");
    const steps = events.map((event) => `${event.state} ${event.detail ?? ""} ${event.done}/${event.total}`);
    expect([...new Set(steps)]).toEqual([
      "running  0/1",
      "running etcd, 1 of 2 0/1",
      "running kwok, 2 of 2 0/1",
      "done  1/1",
    ]);
    expect(events[0]).toMatchObject({ id: "build:hello", title: "Building Hello 1.2.3" });
    expect(JSON.parse(readFileSync(join(directory, "complete.json"), "utf8"))).toEqual({
      family: "hello",
      version: "1.2.3",
      builtAt: expect.any(String),
      buildSeconds: expect.any(Number),
    });

    events.length = 0;
    expect(await ensureFamilies([hello], options)).toEqual([directory]);
    expect(events).toEqual([]);
  });

  it("builds once when two ask at the same time: the second waits", async () => {
    const waiting: string[] = [];
    const listen = (event: ProgressEvent): void =>
      void (event.detail?.includes("another") && waiting.push(event.detail));
    const [first, second] = await Promise.all([
      ensureFamilies([hello], { modulesDirectory, onProgress: listen }),
      ensureFamilies([hello], { modulesDirectory, onProgress: listen }),
    ]);
    expect(first).toEqual(second);
    expect(waiting.length).toBeGreaterThan(0);
    expect(readdirSync(join(scratch, "cache/tools"))).toEqual([familyKey(hello, join(modulesDirectory, "hello"))]);
  });

  it("takes over the lock of a process that is gone", async () => {
    const lock = join(scratch, "cache/tools", `${familyKey(hello, join(modulesDirectory, "hello"))}.lock`);
    mkdirSync(lock, { recursive: true });
    const minuteAgo = Date.now() / 1000 - 60;
    utimesSync(lock, minuteAgo, minuteAgo);
    const [directory = ""] = await ensureFamilies([hello], { modulesDirectory });
    expect(existsSync(join(directory, "bin/kwok"))).toBe(true);
    expect(existsSync(lock)).toBe(false);
  });

  it("stops waiting for another process when asked to", async () => {
    mkdirSync(join(scratch, "cache/tools", `${familyKey(hello, join(modulesDirectory, "hello"))}.lock`), {
      recursive: true,
    });
    const controller = new AbortController();
    const waiting = ensureFamilies([hello], {
      modulesDirectory,
      signal: controller.signal,
      onProgress: (event) =>
        event.detail === "another process builds it, waiting" && controller.abort(new Error("stopped by the test")),
    });
    await expect(waiting).rejects.toThrow("stopped by the test");
  });

  it("copies the manifests of a module", async () => {
    mkdirSync(join(modulesDirectory, "hello/crds"));
    writeFileSync(join(modulesDirectory, "hello/crds/a.yaml"), "a: 1\n");
    writeFileSync(join(modulesDirectory, "hello/crds/README.md"), "");
    writeFileSync(join(modulesDirectory, "hello/webhooks.yaml"), "b: 2\n");
    const family: ToolFamily = {
      ...hello,
      binaries: {},
      manifests: {
        "kwok-crds": { module: "example.test/hello", path: "crds" },
        "keda-webhooks": { module: "example.test/hello", path: "webhooks.yaml" },
      },
    };
    const [directory = ""] = await ensureFamilies([family], { modulesDirectory });
    expect(readdirSync(join(directory, "manifests/kwok-crds"))).toEqual(["a.yaml"]);
    expect(readFileSync(join(directory, "manifests/kwok-crds/a.yaml"), "utf8")).toBe("a: 1\n");
    expect(readFileSync(join(directory, "manifests/keda-webhooks/webhooks.yaml"), "utf8")).toBe("b: 2\n");
  });

  it("goes on where an interrupted build stopped: a finished program is kept", async () => {
    const key = familyKey(hello, join(modulesDirectory, "hello"));
    const partial = join(scratch, "cache/tools", `${key}.partial`, "bin");
    mkdirSync(partial, { recursive: true });
    writeFileSync(join(partial, "etcd"), "built before");
    writeFileSync(join(partial, "kwok.unfinished"), "cut off");
    mkdirSync(join(partial, "../tmp/go-build123"), { recursive: true });
    const [directory = ""] = await ensureFamilies([hello], { modulesDirectory });
    expect(statSync(join(directory, "bin/etcd")).size).toBe("built before".length);
    expect(readdirSync(directory).sort()).toEqual(["bin", "complete.json"]);
    expect(readdirSync(join(directory, "bin")).sort()).toEqual(["etcd", "kwok"]);
    expect(execFileSync(join(directory, "bin/kwok"), { encoding: "utf8" })).toBe("1.2.3\n");
  });

  it("stops when asked to, and releases its lock", async () => {
    const controller = new AbortController();
    const stopped = ensureFamilies([hello], {
      modulesDirectory,
      signal: controller.signal,
      onProgress: (event) => event.detail !== undefined && controller.abort(new Error("stopped by the test")),
    });
    await expect(stopped).rejects.toThrow("stopped by the test");
    expect(readdirSync(join(scratch, "cache/tools")).filter((file) => file.endsWith(".lock"))).toEqual([]);
    await ensureFamilies([hello], { modulesDirectory });
  });

  it("shows the compiler's last lines when a build fails, and leaves nothing that looks finished", async () => {
    writeModule("undefinedFunction()");
    const failed = ensureFamilies([hello], { modulesDirectory });
    await expect(failed).rejects.toThrow(ToolBuildError);
    await expect(failed).rejects.toThrow(
      /Building Hello 1\.2\.3 failed[\s\S]*undefined: undefinedFunction[\s\S]*Run this again[\s\S]*cd \S+\/hello && CGO_ENABLED=0 GOWORK=off go build -trimpath -mod=readonly -buildvcs=false -ldflags '-s -w -X main.version=1\.2\.3' -o \S+ \.\/cmd\/first$/,
    );
    expect(existsSync(join(scratch, "cache/tools", familyKey(hello, join(modulesDirectory, "hello"))))).toBe(false);
  });

  it("says how to get Go when it is missing", async () => {
    vi.stubEnv("PATH", join(scratch, "nothing"));
    await expect(ensureFamilies([hello], { modulesDirectory })).rejects.toThrow(
      "Go is not on the PATH, and it must build Hello. Install Go 1.26 or newer",
    );
  });
});

describe("programs of the user's own", () => {
  it("spare a family's build only when none of it is needed", () => {
    const withManifests: ToolFamily = { ...hello, manifests: { "kwok-crds": { module: "m", path: "p" } } };
    expect(stillNeeded([hello], new Set(["etcd"]))).toEqual([hello]);
    expect(stillNeeded([hello, withManifests], new Set(["etcd", "kwok"]))).toEqual([withManifests]);
  });

  it("must exist: each that does not is named with its variable", async () => {
    vi.stubEnv("VLLM_SERVING_TOOL_KUBE_APISERVER", "/nowhere/kube-apiserver");
    vi.stubEnv("VLLM_SERVING_TOOL_ETCD", "/nowhere/etcd");
    await expect(ensureTools()).rejects.toThrow(
      new ToolBuildError(
        [
          "VLLM_SERVING_TOOL_ETCD: there is no /nowhere/etcd. Correct the path, or unset the variable.",
          "VLLM_SERVING_TOOL_KUBE_APISERVER: there is no /nowhere/kube-apiserver. Correct the path, or unset the variable.",
        ].join("\n"),
      ),
    );
  });
});

describe("a family's key", () => {
  const key = (family = hello): string => familyKey(family, join(modulesDirectory, "hello"));

  it("changes with the checksums, the module, the flags and the version", () => {
    const before = key();
    expect(key()).toBe(before);
    expect(key({ ...hello, tags: ["netgo"] })).not.toBe(before);
    expect(key({ ...hello, symbols: {} })).not.toBe(before);
    expect(key({ ...hello, version: "1.2.4" })).not.toBe(before);
    writeFileSync(join(modulesDirectory, "hello/go.sum"), "example.test/other v1.0.0 h1:x=\n");
    expect(key()).not.toBe(before);
  });

  it("does not change with how long a build takes or what users read", () => {
    expect(key({ ...hello, coldBuildSeconds: 99, title: "Hello there" })).toBe(key());
  });
});
