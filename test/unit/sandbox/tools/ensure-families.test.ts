import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
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
      files: Object.fromEntries(
        ["bin/etcd", "bin/kwok"].map((file) => {
          const content = readFileSync(join(directory, file));
          return [file, { bytes: content.length, sha256: createHash("sha256").update(content).digest("hex") }];
        }),
      ),
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
        event.detail?.startsWith("another process builds it, waiting") === true &&
        controller.abort(new Error("stopped by the test")),
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
      /Building Hello 1\.2\.3 failed[\s\S]*undefined: undefinedFunction[\s\S]*Run this again[\s\S]*cd \S+\/hello && CGO_ENABLED=0 GOWORK=off GOFLAGS= go build -trimpath -mod=readonly -buildvcs=false -ldflags '-s -w -X main.version=1\.2\.3' -o \S+ \.\/cmd\/first$/,
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

describe("a finished family that was damaged", { timeout: 120_000 }, () => {
  /** Builds, lets something happen to the folder, asks again. @returns the folder and what was built anew, by its progress. */
  async function again(damage: (directory: string) => void, checkContents = false) {
    const [directory = ""] = await ensureFamilies([hello], { modulesDirectory });
    damage(directory);
    const details = new Set<string | undefined>();
    const onProgress = (event: ProgressEvent): void => void details.add(event.detail);
    await ensureFamilies([hello], { modulesDirectory, onProgress, checkContents });
    return { directory, details: [...details] };
  }

  it.each([
    ["cut off", (file: string) => truncateSync(file, 1000)],
    ["missing", (file: string) => rmSync(file)],
  ])("by a program that is %s is completed, and its other program kept", async (_, damage) => {
    let kept = 0;
    const { directory } = await again((folder) => {
      damage(join(folder, "bin/kwok"));
      kept = statSync(join(folder, "bin/etcd")).ino;
    });
    expect(execFileSync(join(directory, "bin/kwok"), { encoding: "utf8" })).toBe("1.2.3\n");
    expect(statSync(join(directory, "bin/etcd")).ino).toBe(kept);
    expect(readdirSync(join(scratch, "cache/tools"))).toEqual([familyKey(hello, join(modulesDirectory, "hello"))]);
  });

  it("by a changed byte is completed where checksums are compared", async () => {
    const flip = (folder: string): void => {
      const content = readFileSync(join(folder, "bin/kwok"));
      content[500] = (content[500] ?? 0) ^ 1;
      writeFileSync(join(folder, "bin/kwok"), content);
    };
    expect((await again(flip)).details).toEqual([]);
    const { directory, details } = await again(() => undefined, true);
    expect(details).toContain("kwok, 2 of 2");
    expect(execFileSync(join(directory, "bin/kwok"), { encoding: "utf8" })).toBe("1.2.3\n");
  });

  it("in its record is built anew; a record without sizes is taken as it is", async () => {
    const { details } = await again((folder) => writeFileSync(join(folder, "complete.json"), ""));
    expect(details).toContain("etcd, 1 of 2");
    const older = { family: "hello", version: "1.2.3", builtAt: "2026-01-01T00:00:00Z", buildSeconds: 1 };
    const kept = await again((folder) => writeFileSync(join(folder, "complete.json"), JSON.stringify(older)));
    expect(kept.details).toEqual([]);
  });
});

describe("a cache that cannot be written", () => {
  it("says where and what to do", async () => {
    writeFileSync(join(scratch, "file"), "");
    vi.stubEnv("VLLM_SERVING_CACHE", join(scratch, "file"));
    await expect(ensureFamilies([hello], { modulesDirectory })).rejects.toThrow(
      `The cache of tools cannot be written: ${join(scratch, "file/tools")}: a part of its path is a file (ENOTDIR). Set VLLM_SERVING_CACHE to a folder that you can write to.`,
    );
  });
});

describe("a download that Go may not or cannot make", { timeout: 120_000 }, () => {
  beforeEach(() => {
    const directory = join(modulesDirectory, "hello");
    writeFileSync(
      join(directory, "go.mod"),
      "module example.test/hello\n\ngo 1.26.0\n\nrequire example.test/other v1.0.0\n",
    );
    writeFileSync(
      join(directory, "go.sum"),
      `example.test/other v1.0.0 h1:${"A".repeat(43)}=\nexample.test/other v1.0.0/go.mod h1:${"A".repeat(43)}=\n`,
    );
    const source = 'package main\n\nimport _ "example.test/other"\n\nfunc main() {}\n';
    writeFileSync(join(directory, "cmd/first/main.go"), source);
    vi.stubEnv("GOMODCACHE", join(scratch, "modcache"));
  });

  it("says that GOPROXY forbids it", async () => {
    vi.stubEnv("GOPROXY", "off");
    await expect(ensureFamilies([hello], { modulesDirectory })).rejects.toThrow(
      /Building Hello 1\.2\.3 failed[\s\S]*\nGOPROXY=off forbids Go to download anything: unset it/,
    );
  });

  it("says that there is no network, after more tries", async () => {
    vi.stubEnv("GOPROXY", "http://127.0.0.1:9");
    await expect(ensureFamilies([hello], { modulesDirectory })).rejects.toThrow(
      /connection refused\nGo's module proxy cannot be reached: connect this machine to the network/,
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
