import { resolve } from "node:path";
import { ensureTools } from "@vllm-serving/sandbox";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { loadConfigurationFile, parseConfiguration, renderConfiguration } from "vllm-serving/config";
import { z } from "zod";
import { waitFor } from "./support/cluster";
import { legacyDefinitions } from "./support/kserve-definitions";

const sandbox = inject("sandbox");
const group = "serving-0-15.example.com";

const rawSchema = z.looseObject({
  platform: z.looseObject({}),
  models: z.tuple([z.looseObject({})]),
});

/** What KServe reads of the Kubernetes environment on a cluster with KServe 0.15.2, in the group of the definitions. */
function rendered() {
  const raw = rawSchema.parse(loadConfigurationFile(resolve(__dirname, "../../Pulumi.kubernetes.yaml")));
  const model = {
    ...raw.models[0],
    apiKey: { name: "key", key: "token" },
    runAsUser: 2000,
    maxNumSeqs: 64,
    extraArgs: ["--enforce-eager"],
    resources: { requests: { cpu: "2" }, limits: { memory: "24Gi" } },
    tolerations: [{ operator: "Exists" }],
  };
  const parsed = parseConfiguration({
    ...raw,
    platform: { ...raw.platform, kserve: { version: "0.15.2" } },
    models: [model],
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return renderConfiguration(parsed.configuration)
    .map(({ object }) => object)
    .filter(({ apiVersion }) => apiVersion.startsWith("serving.kserve.io/"))
    .map((object) => ({
      ...object,
      apiVersion: object.apiVersion.replace("serving.kserve.io", group),
      metadata: { ...object.metadata, namespace: "default" },
    }));
}

async function kubectl(args: string[], input: object): Promise<string> {
  const { binaries } = await ensureTools();
  const run = await execa(binaries.kubectl, [...args, "-f", "-"], {
    env: { KUBECONFIG: sandbox.kubeconfig },
    input: JSON.stringify(input),
    reject: false,
    all: true,
  });
  return run.exitCode === 0 ? "accepted" : run.all;
}

const validate = (object: object) => kubectl(["create", "--dry-run=server", "--validate=strict"], object);

describe("the definitions of KServe 0.15.2", () => {
  let definitions: { apiVersion: "v1"; kind: "List"; items: object[] };

  beforeAll(async () => {
    definitions = { apiVersion: "v1", kind: "List", items: await legacyDefinitions(group) };
    // Too large for the annotation of a client-side apply.
    expect(await kubectl(["apply", "--server-side"], definitions)).toBe("accepted");
    const established = ["wait", "--for=condition=Established", "--timeout=120s"];
    await waitFor("the definitions", async () => (await kubectl(established, definitions)) === "accepted");
  });
  afterAll(async () => {
    expect(await kubectl(["delete", "--wait=true"], definitions)).toBe("accepted");
  });

  it.each(rendered())("take our $kind, every field of it", async (object) => {
    expect(await validate(object)).toBe("accepted");
    expect(await validate({ ...object, unknownField: true })).toMatch(/unknown field .*unknownField/);
  });

  it("are given both kinds, in the words of that release", () => {
    expect(rendered().map(({ kind }) => kind)).toEqual(["ServingRuntime", "InferenceService"]);
    expect(rendered()[1]).toHaveProperty(
      ["metadata", "annotations", "serving.kserve.io/deploymentMode"],
      "RawDeployment",
    );
  });
});
