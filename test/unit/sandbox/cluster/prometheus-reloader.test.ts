import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { currentConfiguration, useConfiguration } from "../../../../packages/sandbox/src/cluster/current-configuration";
import { Reloader } from "../../../../packages/sandbox/src/cluster/prometheus-reloader";
import { serve } from "./support";

/** A Prometheus that refuses configurations that contain `bad`, like the real one with status 500. */
async function start() {
  const directory = mkdtempSync(join(tmpdir(), "prometheus-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const current = (path: string): string => readFileSync(join(currentConfiguration(directory), path), "utf8");
  await useConfiguration(directory, new Map([["prometheus.yaml", "initial"]]));
  const log: string[] = [];
  const reloads: string[] = [];
  const state = { running: true };
  const { port } = await serve((incoming, response) => {
    if (!state.running) return void incoming.socket.destroy();
    const text = current("prometheus.yaml");
    reloads.push(text);
    const refused = text.includes("bad");
    const asked = incoming.method === "POST" && incoming.url === "/-/reload";
    response.writeHead(!asked ? 404 : refused ? 500 : 200).end(refused ? "failed to reload config: bad\n" : "");
  });
  const reloader = new Reloader(`http://127.0.0.1:${port}`, directory, (line) => log.push(line));
  const bring = (text: string, more: [string, string][] = []): Promise<void> =>
    reloader.bring(() => new Map([["prometheus.yaml", text], ...more]));
  const folders = (): number => readdirSync(directory).filter((name) => name.startsWith("configuration-")).length;
  return { reloader, bring, log, reloads, current, state, folders };
}

describe("Reloader", () => {
  it("has Prometheus read each change once, all its files together, and keeps nothing of the one before", async () => {
    const { bring, reloads, current, folders, log } = await start();
    await bring("one", [["rules/a/b.yaml", "rule"]]);
    expect([current("prometheus.yaml"), current("rules/a/b.yaml")]).toEqual(["one", "rule"]);
    await bring("one", [["rules/a/b.yaml", "rule"]]);
    await bring("two");
    expect(reloads).toEqual(["one", "two"]);
    expect(() => current("rules/a/b.yaml")).toThrow("ENOENT");
    expect([folders(), log]).toEqual([1, []]);
  });

  it("goes back to the last good one when Prometheus refuses, and says so once", async () => {
    const { bring, reloads, current, log, folders } = await start();
    await bring("good");
    await bring("bad");
    await bring("bad");
    expect(log).toEqual([
      "Prometheus keeps its last configuration, because it refused the next one (why is in its log): failed to reload config: bad",
    ]);
    expect(current("prometheus.yaml")).toBe("good");
    await bring("better");
    expect(reloads).toEqual(["good", "bad", "better"]);
    expect([current("prometheus.yaml"), folders(), log.length]).toEqual(["better", 1, 1]);
  });

  it("tries again while Prometheus is away, which starts with what was judged before", async () => {
    const { reloader, bring, reloads, current, state, log, folders } = await start();
    state.running = false;
    await bring("next");
    await reloader.continue();
    expect(log).toEqual([expect.stringMatching(/^reloading Prometheus: .*; trying again$/)]);
    expect(current("prometheus.yaml")).toBe("initial");
    state.running = true;
    await reloader.continue();
    expect(reloads).toEqual(["next"]);
    expect([current("prometheus.yaml"), folders()]).toEqual(["next", 1]);
  });
});
