import { once } from "node:events";
import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import {
  listensWiderThanLoopback,
  parseProcNetTcp,
} from "../../../../packages/sandbox/src/supervisor/listening-sockets";

const tcp = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:AA53 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 162733 1 0 100 0 0 10 0
   1: 00000000:07E8 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1077 1 0 100 0 0 10 0
   2: 0100007F:AA53 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 162800 1 0 20 4 30 10 -1
`;
const tcp6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000000000000:1F90 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 99 1 0 100 0 0 10 0
   1: 00000000000000000000000001000000:1F91 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 98 1 0 100 0 0 10 0
`;

describe("parseProcNetTcp", () => {
  it("finds the sockets that listen, and no connections", () => {
    expect(parseProcNetTcp(tcp)).toEqual([
      { address: "127.0.0.1", port: 43603, inode: "162733" },
      { address: "0.0.0.0", port: 2024, inode: "1077" },
    ]);
    expect(parseProcNetTcp(tcp6)).toEqual([
      { address: "::", port: 8080, inode: "99" },
      { address: "::1", port: 8081, inode: "98" },
    ]);
  });
});

describe("listensWiderThanLoopback", () => {
  it("names what a process opens to others, and not what only this machine reaches", async () => {
    const narrow = createServer().listen(0, "127.0.0.1");
    const wide = createServer().listen(0, "0.0.0.0");
    await Promise.all([once(narrow, "listening"), once(wide, "listening")]);
    const address = wide.address();
    const port = typeof address === "object" ? address?.port : undefined;
    expect(listensWiderThanLoopback(process.pid).filter((socket) => !socket.startsWith("[::]"))).toEqual([
      expect.stringMatching(new RegExp(`^(0\\.0\\.0\\.0|\\*):${port}$`)),
    ]);
    narrow.close();
    wide.close();
  });

  it("is empty for a process that is gone", () => {
    expect(listensWiderThanLoopback(2 ** 22 + 1)).toEqual([]);
  });
});
