import { describe, expect, it } from "vitest";
import { adviceFor } from "../../../../packages/sandbox/src/supervisor/advice";

describe("adviceFor", () => {
  it.each([
    ["listen tcp 127.0.0.1:2379: bind: address already in use", "Another program has taken a port"],
    ["Error: listen EADDRINUSE: address already in use 127.0.0.1:20001", "Another program has taken a port"],
    ["wal: write /x/etcd/member/wal: no space left on device", "The disk is full"],
    ["etcdserver: mvcc: database space exceeded", "The disk is full"],
    ["accept4: too many open files; retrying in 1s", "Too few files may be open at once here: raise the limit"],
    ["fork/exec /x/kube-apiserver: cannot allocate memory", "This machine has too little free memory"],
  ])("knows %j", (line, beginning) => {
    expect(adviceFor(["something before", line, "something after"])?.startsWith(beginning)).toBe(true);
  });

  it("says nothing where it knows nothing", () => {
    expect(adviceFor(["panic: nil pointer"])).toBeUndefined();
  });
});
