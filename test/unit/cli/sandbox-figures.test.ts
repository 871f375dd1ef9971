import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { figures, withFigures } from "../../../packages/cli/src/commands/sandbox-figures";

const machine = { cores: 2, processor: "a processor", gigabytes: 25 };
const run = (seconds: number, keda: number, bytes: number) => ({
  seconds,
  steps: [
    { title: "Starting KEDA", doneAfter: keda },
    { title: "Starting etcd and the API server", doneAfter: 3 },
  ],
  parts: [
    { name: "etcd", bytes: 50e6 },
    { name: "kube-apiserver", bytes },
  ],
});

describe("the figures of a sandbox", () => {
  it("are the median and the range of all runs, by time and by memory", () => {
    expect(figures([run(12, 9, 400e6), run(10, 8.04, 300e6), run(14, 10, 500e6)], machine)).toBe(
      [
        "3 warm starts, one after another, on 2 cores (a processor) with 25 GB.",
        "",
        "| step | done after, median | lowest | highest |",
        "|---|---|---|---|",
        "| Starting etcd and the API server | 3.0 s | 3.0 s | 3.0 s |",
        "| Starting KEDA | 9.0 s | 8.0 s | 10.0 s |",
        "| **everything serves** | 12.0 s | 10.0 s | 14.0 s |",
        "",
        "| part | memory, median |",
        "|---|---|",
        "| kube-apiserver | 400 MB |",
        "| etcd | 50 MB |",
        "| **all parts** | 450 MB (350 MB to 550 MB) |",
      ].join("\n"),
    );
  });

  it("take the place of the last ones in the page, and nothing else of it", () => {
    const page = readFileSync(resolve(__dirname, "../../../docs/sandbox.md"), "utf8");
    const once = withFigures(page, "first");
    expect(withFigures(once, "second")).toBe(once.replace("\nfirst\n", "\nsecond\n"));
    expect(once.split("\nfirst\n")).toHaveLength(2);
    const [before = "", after = ""] = once.split("\nfirst\n");
    expect(page.startsWith(before) && page.endsWith(after)).toBe(true);
  });

  it("are refused by a page without a place for them", () => {
    expect(() => withFigures("# Sandbox\n", "text")).toThrow("no lines <!-- sandbox measure: begin -->");
  });
});
