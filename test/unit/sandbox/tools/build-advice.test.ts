import { describe, expect, it } from "vitest";
import { buildAdvice } from "../../../../packages/sandbox/src/tools/build-advice";

describe("buildAdvice", () => {
  // As Go 1.26 prints them.
  it.each([
    ["write /tmp/go-link/a.out: no space left on device", "The disk is full"],
    ["main.go:2:8: module lookup disabled by GOPROXY=off", "GOPROXY=off forbids Go to download"],
    ["go: go.mod requires go >= 1.26.9 (running go 1.26.8; GOTOOLCHAIN=local)", "This Go is too old for the module"],
    ["go: download go1.27 for linux/amd64: toolchain not available", "This Go is too old for the module"],
    [
      'Get "https://modules.example.com/x": dial tcp: lookup modules.example.com: no such host',
      "Go's module proxy cannot be reached",
    ],
    ["verifying example.test/x@v1.0.0: checksum mismatch", "A download is not what it was"],
    ["failed to initialize build cache at /x: mkdir /x: read-only file system", "Go cannot write its caches"],
    [
      "build cache is required, but could not be located: GOCACHE is not defined and neither $XDG_CACHE_HOME nor $HOME are defined",
      "Go cannot write its caches",
    ],
    ["k8s.io/api/core/v1: /usr/lib/go/pkg/tool/compile: signal: killed", "The compiler was ended"],
  ])("knows %j", (line, beginning) => {
    expect(buildAdvice(["something before", line])?.startsWith(beginning)).toBe(true);
  });

  it("says nothing where it knows nothing", () => {
    expect(buildAdvice(["./main.go:3: undefined: x"])).toBeUndefined();
  });
});
