import { Writable } from "node:stream";
import type { ProgressEvent } from "@vllm-serving/sandbox";
import { expect, it, describe as suite } from "vitest";
import { describe, drawProgress, duration } from "../../../packages/cli/src/progress";

suite("a progress line", () => {
  it("names the step, what it does, how far it is and what is left", () => {
    const line = describe({
      id: "build:kubernetes",
      title: "Building kubernetes",
      state: "running",
      detail: "kube-apiserver, 1 of 4",
      elapsedSeconds: 61.4,
      remainingSeconds: 840,
      done: 2,
      total: 9,
    });
    expect(line).toBe("Building kubernetes: kube-apiserver, 1 of 4 · 2 of 9 · 61 s · about 14 min left");
  });

  it("leaves out what is not known, and what is left once it is done", () => {
    expect(describe({ id: "start:etcd", title: "etcd", state: "running", done: 0, total: 1 })).toBe("etcd");
    expect(
      describe({
        id: "start:etcd",
        title: "etcd",
        state: "done",
        elapsedSeconds: 0.4,
        remainingSeconds: 9,
        done: 1,
        total: 3,
      }),
    ).toBe("etcd · 1 of 3 · 0 s");
  });

  it("counts minutes from a minute and a half on", () => {
    expect([89.4, 90, 149, 3600].map(duration)).toEqual(["89 s", "2 min", "2 min", "60 min"]);
  });
});

suite("progress without a terminal", () => {
  it("is a line at the start, at most one in ten seconds for what is new, and one a minute", () => {
    const written: string[] = [];
    const stream = new Writable({
      write(chunk, _encoding, done) {
        written.push(String(chunk));
        done();
      },
    });
    const progress = drawProgress(stream);
    const at = (elapsedSeconds: number, detail: string, state: ProgressEvent["state"] = "running"): void =>
      progress({ id: "build", title: "Building", state, detail, elapsedSeconds, done: 0, total: 1 });
    at(0, "first");
    at(1, "first");
    at(2, "second");
    at(12, "third");
    at(40, "third");
    at(75, "third");
    at(80, "third", "done");
    expect(written.join("")).toBe(
      [
        "- Building: first · 0 s",
        "- Building: third · 12 s",
        "- Building: third · 75 s",
        "✔ Building: third · 80 s",
        "",
      ].join("\n"),
    );
  });
});
