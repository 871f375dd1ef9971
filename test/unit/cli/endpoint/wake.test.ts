import { resolve } from "node:path";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { type Run, runCommand } from "../../../support/run-command";
import { curls, parseJob, runScript } from "../../../support/wake-job";
import { fakeEndpoint, json, vllm } from "./fake-endpoint";

const wake = (...args: string[]): Promise<Run> => runCommand("wake", ...args);

/** A model whose first requests get these statuses, as from a proxy that gives up; 0 breaks the connection. */
function startsAfter(statuses: number[]) {
  return fakeEndpoint((request, response) => {
    const status = statuses.shift();
    if (status === undefined) vllm("llama")(request, response);
    else if (status === 0) response.destroy();
    else response.writeHead(status).end(`status ${status}`);
  });
}

describe("wake --wait", () => {
  test("asks again until the model answers, whatever a proxy says meanwhile", async () => {
    const { url, asked } = await startsAfter([503, 0, 504]);
    const run = await wake("--wait", "--url", url.href, "--host", "llama.example.com", "--model", "llama", "--json");
    expect(run.exitCode).toBeUndefined();
    expect(JSON.parse(run.out)).toEqual({ ok: true, url: url.href, model: "llama", seconds: expect.any(Number) });
    expect(asked.map(({ path, host }) => `${host} ${path}`)).toEqual(Array(4).fill("llama.example.com /v1/models"));
    expect(run.error).toContain("Waiting for llama");
  });

  test("gives up when the time is over, and says what starts a model", async () => {
    const { url } = await startsAfter(Array(100).fill(503));
    const run = await wake("--wait", "--url", url.href, "--model", "llama", "--timeout", "0.5");
    expect(run.exitCode).toBe(5);
    expect(run.error).toContain(
      `llama has not answered within 0.5 s. The last answer: ${url.href}v1/models answers 503`,
    );
    expect(run.error).toContain("autoscaling.keda.sh/force-activation=true");
  });

  test("also when the request is held all the time", async () => {
    const { url, asked } = await fakeEndpoint(() => undefined);
    const run = await wake("--wait", "--url", url.href, "--model", "llama", "--timeout", "0.3");
    expect([run.exitCode, asked.length]).toEqual([5, 1]);
  });

  test.each([
    [401, 3],
    [404, 4],
    [500, 6],
  ])("does not ask again after %i", async (status, exitCode) => {
    const { url, asked } = await startsAfter([status]);
    const run = await wake("--wait", "--url", url.href, "--model", "llama");
    expect([run.exitCode, asked.length]).toEqual([exitCode, 1]);
  });

  test("or --manifest has to be said", async () => {
    await expect(wake("--url", "http://127.0.0.1:9", "--model", "llama")).rejects.toThrow("Say --wait");
  });
});

async function jobOf(...args: string[]) {
  const { out } = await wake("--manifest", ...args);
  return parseJob(out);
}

describe("wake --manifest", () => {
  beforeAll(() => process.chdir(resolve(__dirname, "../../../..")));

  test("is a Job named after the model, for a namespace without exceptions", async () => {
    const job = await jobOf(
      "--url",
      "http://interceptor:8080/",
      "--host",
      "llama.example.com",
      "--model",
      "meta-llama/Llama-3.1-8B",
    );
    expect(job.metadata).toEqual({ generateName: "wake-meta-llama-llama-3-1-8b-" });
    expect(job.spec.activeDeadlineSeconds).toBe(1020);
    expect(job.spec.template.spec.securityContext).toEqual({ runAsNonRoot: true, runAsUser: 65532 });
    const [container] = job.spec.template.spec.containers;
    expect(container.image).toBe("docker.io/curlimages/curl:8.22.0");
    expect(container.env).toEqual([
      { name: "URL", value: "http://interceptor:8080" },
      { name: "HOST_HEADER", value: "llama.example.com" },
      { name: "MODEL", value: "meta-llama/Llama-3.1-8B" },
      { name: "TIMEOUT_SECONDS", value: "900" },
    ]);
  });

  test("takes namespace, address and names from an environment, and the user from OpenShift", async () => {
    const job = await jobOf("--env", "openshift", "--image", "registry.example/curl:1");
    expect(job.metadata.namespace).toBe("llm");
    expect(job.spec.template.spec.securityContext).toEqual({ runAsNonRoot: true });
    const [container] = job.spec.template.spec.containers;
    expect(container.image).toBe("registry.example/curl:1");
    expect(container.env[0]).toEqual({ name: "URL", value: "http://llama-3-1-8b.llm.svc:8000" });
  });

  test("does not repeat what is no name of a Secret: it may be the key", async () => {
    const asked = jobOf("--url", "http://a", "--model", "m", "--api-key-secret", "sk-secret");
    const error: unknown = await asked.catch((reason: unknown) => reason);
    expect(String(error)).toContain("--api-key-secret is not of the form secret:key");
    expect(String(error)).not.toContain("sk-secret");
  });

  test("names the key's Secret, and refuses what a cluster cannot see", async () => {
    const job = await jobOf("--url", "http://a", "--model", "m", "--api-key-secret", "llama:token");
    expect(job.spec.template.spec.containers[0].env.at(-1)).toEqual({
      name: "API_KEY",
      valueFrom: { secretKeyRef: { name: "llama", key: "token" } },
    });
    vi.stubEnv("LLAMA_KEY", "sk-secret");
    await expect(jobOf("--url", "http://a", "--model", "m", "--api-key-env", "LLAMA_KEY")).rejects.toThrow(
      "--api-key-secret",
    );
    vi.unstubAllEnvs();
  });
});

describe.each(curls())("the Job's script with $name", ({ path }) => {
  /** As its container runs it, with the shell of this machine. */
  async function run(url: URL, environment: Record<string, string> = {}, timeout = 20) {
    const job = await jobOf(
      "--url",
      url.href,
      "--host",
      "llama.example.com",
      "--model",
      "llama",
      "--timeout",
      String(timeout),
    );
    return runScript(job, path, environment);
  }

  test("asks through the host until the model answers", async () => {
    const { url, asked } = await startsAfter([503, 0]);
    const { exitCode, all } = await run(url, { API_KEY: "sk-secret" });
    expect([exitCode, all.split("\n").at(-1)]).toEqual([0, "llama answers."]);
    expect(asked.map(({ host, authorization }) => `${host} ${authorization}`)).toEqual(
      Array(3).fill("llama.example.com Bearer sk-secret"),
    );
    expect(all).not.toContain("sk-secret");
  });

  test("reads a list of models however it is written", async () => {
    const { url } = await fakeEndpoint((_request, response) => {
      response.end(JSON.stringify({ data: [{ id: "other" }, { id: "llama" }] }, null, 2));
    });
    expect((await run(url)).exitCode).toBe(0);
  });

  test.each([
    [401, 3, "wants a key"],
    [404, 4, "no route"],
    [400, 6, "answers 400"],
  ])("ends at %i with the command's exit code", async (status, exitCode, message) => {
    const { url, asked } = await startsAfter([status]);
    const ended = await run(url);
    expect([ended.exitCode, asked.length, ended.all]).toEqual([exitCode, 1, expect.stringContaining(message)]);
  });

  test("ends when another model answers, also one whose name goes on", async () => {
    const { url } = await fakeEndpoint((_request, response) => json(response, { data: [{ id: "llama-2" }] }));
    expect(await run(url)).toEqual({ exitCode: 4, all: `${url.href.slice(0, -1)} does not list llama.` });
  });

  test("gives up when the time is over", async () => {
    const { url } = await startsAfter(Array(100).fill(503));
    const { exitCode, all } = await run(url, {}, 1);
    expect([exitCode, all.split("\n").at(-1)]).toEqual([5, "llama has not answered within 1 s."]);
  });
});
