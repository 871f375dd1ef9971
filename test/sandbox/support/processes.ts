import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** A process as /proc shows it; `started` tells it from a later one with the same id. */
export interface Process {
  pid: number;
  parent: number;
  started: string;
  command: string;
}

/** All processes of this machine that are not waiting to be reaped. */
export function allProcesses(): Process[] {
  return readdirSync("/proc").flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return [];
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, "utf8");
      const [state, parent, ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (state === "Z") return [];
      const command = readFileSync(`/proc/${entry}/cmdline`, "utf8").split("\0").join(" ");
      return [{ pid: Number(entry), parent: Number(parent), started: rest[17] ?? "", command }];
    } catch {
      return [];
    }
  });
}

/** A process and everything that it, or what it started, has started. */
export function processTree(root: number): Process[] {
  const all = allProcesses();
  const tree = all.filter(({ pid }) => pid === root);
  // Grows while it is walked.
  for (const { pid } of tree) tree.push(...all.filter(({ parent }) => parent === pid));
  return tree;
}

/** Those of the processes that still run. */
export function stillRunning(processes: Process[]): Process[] {
  const all = allProcesses();
  return processes.filter((one) => all.some((now) => now.pid === one.pid && now.started === one.started));
}

export function networkNamespace(pid: number | "self"): string {
  return readlinkSync(`/proc/${pid}/ns/net`);
}

/** Names of the network devices a process can see. */
export function networkDevices(pid: number): string[] {
  const lines = readFileSync(`/proc/${pid}/net/dev`, "utf8").split("\n").slice(2);
  return lines.map((line) => line.split(":")[0]?.trim() ?? "").filter((name) => name !== "");
}

/** What a process itself listens on, as `<address in hexadecimal>:<port>`. */
export function listeningSockets(pid: number): string[] {
  const inodes = readdirSync(`/proc/${pid}/fd`).map((descriptor) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${descriptor}`);
    } catch {
      return "";
    }
  });
  return ["tcp", "tcp6"].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, "utf8")
      .split("\n")
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === "0A" && inodes.includes(`socket:[${fields[9]}]`))
      .map((fields) => {
        const [address, port] = (fields[1] ?? "").split(":");
        return `${address}:${Number.parseInt(port ?? "", 16)}`;
      }),
  );
}
