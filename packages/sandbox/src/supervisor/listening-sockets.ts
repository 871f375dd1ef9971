import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";

/** A TCP socket that accepts connections, as in /proc/net/tcp and tcp6. */
export interface ListeningSocket {
  /** `127.0.0.1`, `0.0.0.0`, `::1` or `::`, other addresses as the kernel prints them. */
  address: string;
  port: number;
  inode: string;
}

/** State LISTEN in /proc/net/tcp. */
const listen = "0A";
const wellKnownAddresses: Record<string, string> = {
  "0100007F": "127.0.0.1",
  "00000000": "0.0.0.0",
  "00000000000000000000000001000000": "::1",
  "00000000000000000000000000000000": "::",
};

/** Listening sockets in the text of `/proc/<pid>/net/tcp` or `tcp6`: those of the process's whole network namespace. */
export function parseProcNetTcp(text: string): ListeningSocket[] {
  return text
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === listen)
    .map((fields) => {
      const [address = "", port = ""] = (fields[1] ?? "").split(":");
      return {
        address: wellKnownAddresses[address] ?? address,
        port: Number.parseInt(port, 16),
        inode: fields[9] ?? "",
      };
    });
}

/** Sockets of a process that accept connections on more than 127.0.0.1, as `address:port`. */
export function listensWiderThanLoopback(pid: number): string[] {
  const sockets = existsSync("/proc/net/tcp") ? socketsFromProc(pid) : socketsFromLsof(pid);
  return sockets.filter((socket) => !/^(127\.|\[?::1\]?:)/.test(socket));
}

function socketsFromProc(pid: number): string[] {
  try {
    const inodes = new Set(
      readdirSync(`/proc/${pid}/fd`).map((descriptor) => {
        try {
          return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${descriptor}`))?.[1];
        } catch {
          return undefined;
        }
      }),
    );
    return ["tcp", "tcp6"]
      .flatMap((table) => parseProcNetTcp(readFileSync(`/proc/${pid}/net/${table}`, "utf8")))
      .filter(({ inode }) => inodes.has(inode))
      .map(({ address, port }) => (address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`));
  } catch {
    // The process has just ended.
    return [];
  }
}

/** macOS. `-F n` prints the name of each socket on a line that starts with n. */
function socketsFromLsof(pid: number): string[] {
  const { stdout } = spawnSync("lsof", ["-nP", "-a", "-p", String(pid), "-iTCP", "-sTCP:LISTEN", "-Fn"], {
    encoding: "utf8",
  });
  return stdout
    .split("\n")
    .filter((line) => line.startsWith("n"))
    .map((line) => line.slice(1));
}
