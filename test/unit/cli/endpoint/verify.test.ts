import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { CertificateAuthority } from "../../../../packages/sandbox/src/control-plane/certificates";
import { type Run, runCommand } from "../../../support/run-command";
import { fakeEndpoint, json, type Received, vllm } from "./fake-endpoint";

const folder = mkdtempSync(join(tmpdir(), "vllm-serving-verify-"));
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => vi.unstubAllEnvs());

const verify = (...args: string[]): Promise<Run> => runCommand("verify", ...args);

/** Asks a server that answers every request in one way. */
async function verifyAgainst(answers: (request: Received, response: ServerResponse) => void, ...args: string[]) {
  const { url, asked } = await fakeEndpoint(answers);
  return { ...(await verify("--url", url.href, "--model", "llama", ...args)), asked, url };
}

const status =
  (code: number, body = "", headers = {}) =>
  (_request: Received, response: ServerResponse) =>
    void response.writeHead(code, headers).end(body);

describe("a model that works", () => {
  test("is listed, completes a prompt, and streams", async () => {
    const { exitCode, out, error, asked, url } = await verifyAgainst(vllm("llama"));
    expect(exitCode).toBeUndefined();
    expect(out).toBe(`llama answers at ${url.href}\n`);
    expect(error).toMatch(/✔ Lists the model: the only one/);
    expect(error).toMatch(/✔ Streams a completion: 2 pieces, the first after \d+\.\d\d s/);
    expect(asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
      "GET /v1/models",
      "POST /v1/completions",
      "POST /v1/completions",
    ]);
  });

  test("is told as JSON too", async () => {
    const { out, url } = await verifyAgainst(vllm("llama"), "--json");
    expect(JSON.parse(out)).toMatchObject({
      ok: true,
      url: url.href,
      model: "llama",
      checks: [
        { name: "models", detail: "the only one" },
        { name: "completion", detail: "6 characters" },
        { name: "stream", detail: expect.stringContaining("2 pieces") },
      ],
    });
  });

  test("is asked below the path of its URL, with or without /v1, and with the host given", async () => {
    const { url, asked } = await fakeEndpoint((request, response) =>
      vllm("llama")({ ...request, path: request.path?.replace("/models/llama", "") }, response),
    );
    for (const path of ["/models/llama", "/models/llama/", "/models/llama/v1"]) {
      const { exitCode } = await verify(
        "--url",
        url.href.slice(0, -1) + path,
        "--model",
        "llama",
        "--host",
        "llama.example.com",
      );
      expect(exitCode).toBeUndefined();
    }
    expect(asked).toHaveLength(9);
    expect(new Set(asked.map(({ host }) => host))).toEqual(new Set(["llama.example.com"]));
  });
});

describe("an environment", () => {
  beforeAll(() => process.chdir(resolve(__dirname, "../../../..")));

  test("knows the name that clients ask for", async () => {
    const { url } = await fakeEndpoint(vllm("meta-llama/Llama-3.1-8B-Instruct"));
    const { exitCode, out } = await verify("--env", "kubernetes", "--url", url.href);
    expect([exitCode, out]).toEqual([undefined, `meta-llama/Llama-3.1-8B-Instruct answers at ${url.href}\n`]);
  });

  test("without a URL means the address inside the cluster, which is not known outside", async () => {
    const { exitCode, error } = await verify("--env", "sandbox");
    expect(exitCode).toBe(2);
    expect(error).toContain("llama.llm.svc is no name that is known here. A name that ends with .svc is known inside");
  });

  test.each([
    [["--env", "sandbox", "--model", "other"], "Pulumi.sandbox.yaml has no model other. It has llama."],
    [["--model", "llama"], "Give --url and --model, or --env."],
    [
      ["--url", "http://127.0.0.1", "--model", "m", "--api-key-env", "KEY_THAT_IS_NOT_SET"],
      "KEY_THAT_IS_NOT_SET holds no key",
    ],
  ])("or options %j that say too little are refused", async (args, message) => {
    await expect(verify(...args)).rejects.toThrow(message);
  });
});

describe.each([["verify"], ["wake", "--wait"], ["wake", "--manifest"]])("%s %s", (...command) => {
  const words = command.filter((word) => word !== undefined);

  test.each([
    ["ftp://x", "--url is ftp://x: give an http or https URL, such as https://llama.example.com."],
    ["llama.example.com", "--url is llama.example.com: give an http or https URL, such as https://llama.example.com."],
    ["ftp://me:sk-secret@x", "--url is ftp://x: give an http or https URL, such as https://llama.example.com."],
    ["me:sk-secret@x", "--url is no URL: give an http or https URL, such as https://llama.example.com."],
    [
      "http://me:sk-secret@x",
      "--url has a user name or password in it, which stays in the shell's history: give a key by --api-key-env or --api-key-file.",
    ],
    ["http://x/y?key=sk-secret", "--url has something behind its path: give http://x/y alone."],
  ])("refuses the URL %s with one line", async (url, message) => {
    await expect(runCommand(...words, "--url", url, "--model", "m")).rejects.toThrow(new Error(message));
  });

  test("refuses a host that is a URL", async () => {
    await expect(
      runCommand(...words, "--url", "http://x", "--model", "m", "--host", "https://llama.example.com/v1"),
    ).rejects.toThrow(
      new Error("--host is https://llama.example.com/v1: give a host name alone, such as llama.example.com."),
    );
  });
});

describe("a key", () => {
  const key = "sk-secret-1234";
  const withKey = ({ authorization, ...request }: Received, response: ServerResponse) =>
    authorization === `Bearer ${key}`
      ? vllm("llama")({ authorization, ...request }, response)
      : json(response, { error: `Unauthorized: ${authorization ?? "nothing"}` }, 401);

  test("is read from a variable or a file and sent with every request", async () => {
    const file = join(folder, "key");
    writeFileSync(file, `${key}\n`);
    vi.stubEnv("LLAMA_KEY", key);
    for (const given of [
      ["--api-key-env", "LLAMA_KEY"],
      ["--api-key-file", file],
    ]) {
      const { exitCode, out, error } = await verifyAgainst(withKey, ...given);
      expect(exitCode).toBeUndefined();
      expect(out + error).not.toContain(key);
    }
  });

  test("that is missing is asked for", async () => {
    const { exitCode, error } = await verifyAgainst(withKey);
    expect(exitCode).toBe(3);
    expect(error).toContain("answers 401. Give its key with --api-key-env or --api-key-file.");
  });

  test("that is wrong is never shown, even where the server repeats it", async () => {
    vi.stubEnv("LLAMA_KEY", "sk-wrong-5678");
    const { exitCode, out, error } = await verifyAgainst(withKey, "--api-key-env", "LLAMA_KEY", "--json");
    expect(exitCode).toBe(3);
    expect(JSON.parse(out)).toMatchObject({
      ok: false,
      checks: [],
      failure: { check: "models", kind: "unauthorized" },
    });
    expect(out).toContain('It does not take this key. It says: {\\"error\\":\\"Unauthorized: Bearer <key>\\"}');
    expect(out + error).not.toContain("sk-wrong");
  });
});

describe("what is wrong is said with what helps", () => {
  test.each([
    [
      503,
      5,
      "answers 503: no replica is ready behind it. If the model is at zero, start it: vllm-serving wake --wait.",
    ],
    [504, 5, "answers 504: a proxy on the way got no answer from a replica in its time."],
    [502, 5, "answers 502: a proxy on the way"],
    [403, 3, "answers 403. Give its key"],
    [404, 4, "answers 404: no route leads from this host and path to a model. It says: what a server says"],
    [500, 6, "answers 500. It says: what a server says"],
  ])("status %i", async (code, exitCode, message) => {
    const run = await verifyAgainst(status(code, "what a\n server says"));
    expect(run.exitCode).toBe(exitCode);
    expect(run.error).toContain(message);
    expect(run.asked).toHaveLength(1);
  });

  test.each([
    ["a login elsewhere", "https://login.example.com/oauth", 3, "That may be a login"],
    ["TLS at the same host", "https://127.0.0.1/v1/models", 6, "leads to https://127.0.0.1/v1/models. Give that URL."],
  ])("a redirection to %s", async (_what, location, exitCode, message) => {
    const run = await verifyAgainst(status(302, "", { location }));
    expect([run.exitCode, run.error]).toEqual([exitCode, expect.stringContaining(message)]);
  });

  test("another model", async () => {
    const run = await verifyAgainst(vllm("granite"));
    expect([run.exitCode, run.error]).toEqual([4, expect.stringContaining("/v1/models lists granite, not llama.")]);
  });

  test("no answer in time", async () => {
    const run = await verifyAgainst(() => undefined, "--timeout", "0.2");
    expect(run.exitCode).toBe(5);
    expect(run.error).toContain("has not answered within 0.2 s. A model at zero answers when it has started");
  });

  test("a page instead of an API", async () => {
    const run = await verifyAgainst(status(200, `<html>${"x".repeat(1000)}`));
    expect([run.exitCode, run.error]).toEqual([
      6,
      expect.stringMatching(/answers something that is no JSON: <html>x{294}…\n/),
    ]);
  });

  test.each([
    [
      "is not one",
      (response: ServerResponse) => json(response, { choices: [{ text: "all at once" }] }),
      6,
      "does not stream",
    ],
    [
      "ends early",
      (response: ServerResponse) => void response.end('data: {"choices":[]}\n\n'),
      6,
      "ended without [DONE]",
    ],
    [
      "holds an error",
      (response: ServerResponse) => void response.end('data: {"error":{"message":"engine died"}}\n\n'),
      6,
      "no completion: engine died",
    ],
    [
      "breaks",
      (response: ServerResponse) => void response.write('data: {"choices":[]}\n\n', () => response.destroy()),
      5,
      "broke before the answer was complete",
    ],
  ])("a stream that %s", async (_what, stream, exitCode, message) => {
    const run = await verifyAgainst((request, response) => {
      if (request.body.includes('"stream":true')) stream(response);
      else vllm("llama")(request, response);
    });
    expect([run.exitCode, run.error]).toEqual([exitCode, expect.stringContaining(message)]);
    expect(run.error).toMatch(/✔ Completes a prompt: 6 characters/);
  });

  test("a port where nothing listens", async () => {
    const { exitCode, error } = await verify("--url", "http://127.0.0.1:9", "--model", "llama");
    expect([exitCode, error]).toEqual([2, expect.stringContaining("Nothing answers at 127.0.0.1:9 (ECONNREFUSED)")]);
  });

  test("TLS asked of a server without", async () => {
    const { url } = await fakeEndpoint(vllm("llama"));
    const { exitCode, error } = await verify("--url", url.href.replace("http:", "https:"), "--model", "llama");
    expect([exitCode, error]).toEqual([2, expect.stringContaining("does not speak TLS as it should")]);
  });
});

describe("a private certificate authority", () => {
  let authority: CertificateAuthority;
  let url: URL;
  const caFile = join(folder, "ca.pem");
  beforeAll(async () => {
    authority = await CertificateAuthority.create("test");
    writeFileSync(caFile, authority.certificate);
    const { key, certificate } = await authority.issue({ commonName: "llama" }, ["server"], {
      dns: ["llama.example.com"],
    });
    ({ url } = await fakeEndpoint(vllm("llama"), { key, cert: certificate }));
  });

  test("is not trusted unless it is given", async () => {
    const { exitCode, error } = await verify("--url", url.href, "--model", "llama", "--host", "llama.example.com");
    expect([exitCode, error]).toEqual([2, expect.stringContaining("give the authority's with --ca-file")]);
  });

  test("is trusted with --ca-file, for the name of --host", async () => {
    const args = ["--url", url.href, "--model", "llama", "--ca-file", caFile];
    expect((await verify(...args, "--host", "llama.example.com")).exitCode).toBeUndefined();
    const { exitCode, error } = await verify(...args);
    expect([exitCode, error]).toEqual([2, expect.stringContaining("its certificate is for another name")]);
  });

  test("must be one", async () => {
    const file = join(folder, "no.pem");
    writeFileSync(file, "nothing");
    await expect(verify("--url", url.href, "--model", "llama", "--ca-file", file)).rejects.toThrow(
      "holds no certificate in PEM",
    );
  });
});
