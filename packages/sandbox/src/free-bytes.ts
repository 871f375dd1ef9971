import { statfsSync } from "node:fs";

/** What is left for this user on the disk of a folder that is there, in bytes. */
export function freeBytes(directory: string): number {
  const { bavail, bsize } = statfsSync(directory);
  return bavail * bsize;
}
