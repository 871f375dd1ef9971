import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, join } from "node:path";
import { ensureTools } from "@vllm-serving/sandbox";
import { execa } from "execa";

/** A Helm repository on 127.0.0.1, as an air-gapped cluster has one. */
export interface ChartRepository {
  url: string;
  close(): void;
}

/** Packages these charts, in a folder of the caller's, and serves them. */
export async function chartRepository(folder: string, charts: readonly string[]): Promise<ChartRepository> {
  const { binaries } = await ensureTools();
  for (const chart of charts) {
    await execa(binaries.helm, ["package", chart, "--destination", folder]);
  }
  await execa(binaries.helm, ["repo", "index", folder]);
  const server = createServer((request, response) => {
    try {
      response.end(readFileSync(join(folder, basename(request.url ?? ""))));
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() };
}
