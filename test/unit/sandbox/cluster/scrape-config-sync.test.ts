import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { parse } from "yaml";
import { ScrapeConfigSync } from "../../../../packages/sandbox/src/cluster/scrape-config-sync";
import { serve } from "./support";

const kubeApi = { server: "https://127.0.0.1:6443", caFile: "/ca", credentials: { tokenFile: "/token" } };

function monitor(name: string, endpoint: object = { port: "http" }) {
  return { metadata: { name, namespace: "llm" }, spec: { selector: {}, podMetricsEndpoints: [endpoint] } };
}

/** A Prometheus that refuses configurations that contain `bad`, like the real one with status 500. */
async function start() {
  const directory = mkdtempSync(join(tmpdir(), "prometheus-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const configFile = join(directory, "prometheus.yml");
  const log: string[] = [];
  const reloads: string[][] = [];
  const jobs = (): string[] => {
    const { scrape_configs: configs }: { scrape_configs: { job_name: string }[] } = parse(
      readFileSync(configFile, "utf8"),
    );
    return configs.map((config) => config.job_name.replace("podMonitor/llm/", ""));
  };
  const state = { running: true };
  const { port } = await serve((incoming, response) => {
    if (!state.running) return void incoming.socket.destroy();
    reloads.push(jobs());
    const refused = readFileSync(configFile, "utf8").includes("bad");
    const asked = incoming.method === "POST" && incoming.url === "/-/reload";
    response.writeHead(!asked ? 404 : refused ? 500 : 200).end(refused ? "failed to reload config: bad\n" : "");
  });
  const sync = new ScrapeConfigSync({
    prometheusUrl: `http://127.0.0.1:${port}`,
    configFile,
    kubeApi,
    log: (line) => log.push(line),
  });
  return { sync, log, reloads, jobs, state, directory };
}

describe("ScrapeConfigSync", () => {
  it("writes the configuration and has Prometheus read it, once for each change", async () => {
    const { sync, reloads, jobs, log, directory } = await start();
    await sync.sync([]);
    await sync.sync([monitor("b"), monitor("a")]);
    await sync.sync([monitor("a"), monitor("b")]);
    await sync.sync([monitor("b")]);
    expect(reloads).toEqual([[], ["a/0", "b/0"], ["b/0"]]);
    expect(jobs()).toEqual(["b/0"]);
    expect(log).toEqual([]);
    expect(readdirSync(directory)).toEqual(["prometheus.yml"]);
  });

  it("leaves out a monitor it cannot read, names all that is wrong with it, and says so once", async () => {
    const { sync, jobs, log } = await start();
    const secret = monitor("secret", { port: 8000, basicAuth: { username: { name: "s", key: "k" } } });
    await sync.sync([secret, monitor("good")]);
    await sync.sync([secret, monitor("good"), monitor("other")]);
    expect(jobs()).toEqual(["good/0", "other/0"]);
    expect(log).toEqual([
      "PodMonitor llm/secret is not scraped: " +
        "spec.podMetricsEndpoints.0.port: Invalid input: expected string, received number; " +
        'spec.podMetricsEndpoints.0: Unrecognized key: "basicAuth"',
    ]);
  });

  it("leaves out a monitor that Prometheus refuses, so that the others are scraped", async () => {
    const { sync, jobs, log } = await start();
    await sync.sync([monitor("old")]);
    await sync.sync([monitor("old"), monitor("broken", { port: "bad" }), monitor("new")]);
    expect(jobs()).toEqual(["new/0", "old/0"]);
    expect(log).toEqual(["PodMonitor llm/broken is not scraped: failed to reload config: bad"]);
    await sync.sync([monitor("old"), monitor("broken", { port: "bad" }), monitor("new")]);
    expect(jobs()).toEqual(["new/0", "old/0"]);
    expect(log).toHaveLength(1);
    await sync.sync([monitor("old"), monitor("broken", { port: "http" }), monitor("new")]);
    expect(jobs()).toEqual(["broken/0", "new/0", "old/0"]);
  });

  it("fails while Prometheus is away, leaves what it had taken on disk, and catches up later", async () => {
    const { sync, jobs, state } = await start();
    await sync.sync([monitor("old")]);
    state.running = false;
    await expect(sync.sync([monitor("old"), monitor("new")])).rejects.toThrow();
    expect(jobs()).toEqual(["old/0"]);
    state.running = true;
    await sync.sync([monitor("old"), monitor("new")]);
    expect(jobs()).toEqual(["new/0", "old/0"]);
  });
});
