/** What Go's last lines say about the cause of a failed build, and what helps. */
const known: { pattern: RegExp; advice: string }[] = [
  {
    pattern: /no space left on device|disk quota exceeded/,
    advice:
      "The disk is full: free some space, or move Go's caches with GOCACHE and GOMODCACHE, and the tools with VLLM_SERVING_CACHE.",
  },
  {
    pattern: /disabled by GOPROXY=off/,
    advice:
      "GOPROXY=off forbids Go to download anything: unset it (also with `go env -u GOPROXY`), or set it to a module proxy that works here.",
  },
  {
    pattern: /requires go >= |toolchain not available|download go1\.\S+ for /,
    advice:
      "This Go is too old for the module and may not, or cannot, fetch a newer one: unset GOTOOLCHAIN (also with `go env -u GOTOOLCHAIN`), or install a newer Go from https://go.dev/dl.",
  },
  {
    pattern: /dial tcp|no such host|i\/o timeout|TLS handshake|proxyconnect|network is unreachable/i,
    advice:
      "Go's module proxy cannot be reached: connect this machine to the network, or set HTTPS_PROXY, or GOPROXY to a module proxy that works here.",
  },
  {
    pattern: /checksum mismatch/,
    advice:
      "A download is not what it was: remove it with `go clean -modcache`. If it comes again, the module proxy gives something else than upstream; set GOPROXY to another one.",
  },
  {
    pattern:
      /build cache is (required|disabled)|module cache not found|initialize build cache|read-only file system|permission denied/,
    advice:
      "Go cannot write its caches: set GOCACHE and GOMODCACHE to folders that you can write to, or HOME to one of yours.",
  },
  {
    pattern: /signal: killed|cannot allocate memory/,
    advice:
      "The compiler was ended, mostly for want of memory: end other programs, or set GOMAXPROCS=1, then run this again.",
  },
];

/** Undefined where nothing is known that helps. */
export function buildAdvice(lines: string[]): string | undefined {
  return known.find(({ pattern }) => lines.some((line) => pattern.test(line)))?.advice;
}
