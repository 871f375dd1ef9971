import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls from "node:tls";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { CertificateAuthority } from "../../../../packages/sandbox/src/control-plane/certificates";
import { runCommand } from "../../../support/run-command";
import { validConfiguration, validModel } from "../../config/valid-configuration";
import { fakeEndpoint, vllm } from "./fake-endpoint";

const host = "llama.example.com";
const route = { host, route: {}, unauthenticated: true };
const folder = mkdtempSync(join(tmpdir(), "vllm-serving-environment-"));
const back = process.cwd();
const caFile = join(folder, "ca.pem");
let endpoint: Awaited<ReturnType<typeof fakeEndpoint>>;

beforeAll(async () => {
  const authority = await CertificateAuthority.create("test");
  writeFileSync(caFile, authority.certificate);
  const { key, certificate } = await authority.issue({ commonName: host }, ["server"], { dns: [host] });
  endpoint = await fakeEndpoint(vllm("llama"), { key, cert: certificate });
});
beforeEach(() => {
  writeFileSync(join(folder, "Pulumi.yaml"), "name: project\nruntime: nodejs\n");
  process.chdir(folder);
});
afterEach(() => {
  vi.restoreAllMocks();
  process.chdir(back);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** An environment with one model on OpenShift. */
function environment(name: string, model: object): void {
  const platform = { distribution: "openshift", kedaHttpAddon: { mode: "existing" } };
  const values = { ...validConfiguration(), platform, models: [{ ...validModel(), ...model }] };
  const config = Object.fromEntries(Object.entries(values).map(([key, value]) => [`vllm-serving:${key}`, value]));
  writeFileSync(join(folder, `Pulumi.${name}.yaml`), stringify({ config }));
}

/** What is asked for at port 443 of any host comes to the server, with the certificate checked for the host. */
function leadHere(): { asked: unknown[] } {
  const { connect } = tls;
  const asked: unknown[] = [];
  vi.spyOn(tls, "connect").mockImplementation((...args: unknown[]) => {
    const [options] = args;
    const target = z.looseObject({ host: z.string(), port: z.union([z.string(), z.number()]) }).parse(options);
    asked.push(`${target.host}:${target.port}`);
    return connect({ ...target, host: "127.0.0.1", port: Number(endpoint.url.port) });
  });
  return { asked };
}

describe("an exposed model of an environment", () => {
  test.each(["verify", "wake"])("is asked by %s at its host, by TLS with an authority of its own", async (command) => {
    environment("exposed", { expose: route });
    const { asked } = leadHere();
    const wait = command === "wake" ? ["--wait"] : [];
    const run = await runCommand(command, ...wait, "--env", "exposed", "--ca-file", caFile);
    expect([run.exitCode, run.out]).toEqual([undefined, `llama answers at https://${host}/\n`]);
    expect(new Set(asked)).toEqual(new Set([`${host}:443`]));
    expect(endpoint.asked.at(-1)?.host).toBe(host);
  });

  test("is not trusted without the authority", async () => {
    environment("exposed", { expose: route });
    leadHere();
    const run = await runCommand("verify", "--env", "exposed");
    expect([run.exitCode, run.error]).toEqual([2, expect.stringContaining("give the authority's with --ca-file")]);
  });
});

const jobSchema = z.object({
  spec: z.object({
    template: z.object({
      spec: z.object({
        containers: z.tuple([z.object({ env: z.array(z.looseObject({ name: z.string(), value: z.string() })) })]),
      }),
    }),
  }),
});

describe("a Job", () => {
  test("is not printed for a model that no request wakes", async () => {
    environment("cron", { scaling: { scaledObject: { wokenElsewhere: true } }, replicas: { min: 0, max: 2 } });
    await expect(runCommand("wake", "--manifest", "--env", "cron")).rejects.toThrow(
      [
        "No request wakes llama: its ScaledObject has replicas.min 0 and wokenElsewhere, so nothing holds a request until a replica is there, and a Job would ask in vain. Instead,",
        "  have KEDA start a replica, for as long as the annotation is there:",
        "    kubectl annotate scaledobject llama --namespace llm autoscaling.keda.sh/force-activation=true",
        "  or write replicas.min: 1; or take scaling.http, by which a request wakes it.",
      ].join("\n"),
    );
    environment("at-one", { scaling: { scaledObject: {} }, replicas: { min: 1, max: 2 } });
    expect((await runCommand("wake", "--manifest", "--env", "at-one")).out).toContain("kind: Job");
  });

  test("asks inside the cluster, also for an exposed model, unless a URL is given", async () => {
    environment("exposed", { scaling: { http: {} }, replicas: { max: 2 }, expose: route });
    const job = async (...args: string[]) => {
      const { out } = await runCommand("wake", "--manifest", "--env", "exposed", ...args);
      return jobSchema.parse(parse(out)).spec.template.spec.containers[0].env.slice(0, 2);
    };
    expect(await job()).toEqual([
      { name: "URL", value: "http://llama-wake.llm.svc:8080" },
      { name: "HOST_HEADER", value: "llama-wake.llm.svc:8080" },
    ]);
    expect(await job("--url", "http://gateway.example.com")).toEqual([
      { name: "URL", value: "http://gateway.example.com" },
      { name: "HOST_HEADER", value: "gateway.example.com" },
    ]);
  });
});
