import * as pulumi from "@pulumi/pulumi";
import { expect, test, vi } from "vitest";
import { ModelWeights } from "../../src";
import { weightsClaim, weightsVolume } from "../../src/manifests/persistent-volume";
import { messageOf, outputValue, record, resource, unknownOutput, unknownValue } from "./recorded-program";

const volumeUrn = "vllm-serving:index:ModelWeights$kubernetes:core/v1:PersistentVolume::llama-weights";
const claimUrn = "vllm-serving:index:ModelWeights$kubernetes:core/v1:PersistentVolumeClaim::llama-weights";
const nfs = { server: "nfs.example.com", path: "/exports/llama" };

test("makes exactly one bound pair", async () => {
  const program = await record(() => new ModelWeights("llama", { namespace: "models", nfs, size: "20Gi" }));
  const claimName = await outputValue(program.result.claimName);
  expect(claimName).toMatch(/^llama-weights-[0-9a-f]{8}$/);
  const weights = {
    instance: "llama",
    namespace: "models",
    claimName,
    volumeName: `models.${claimName}`,
    nfs,
    size: "20Gi",
  };
  expect([...program.resources.keys()].sort()).toEqual(
    ["vllm-serving:index:ModelWeights::llama", volumeUrn, claimUrn].sort(),
  );
  expect(resource(program, volumeUrn).inputs).toEqual(weightsVolume(weights));
  expect(resource(program, claimUrn).inputs).toEqual(weightsClaim(weights));
  expect(resource(program, claimUrn).dependencies).toEqual([volumeUrn]);
});

test("other weights are another pair beside the old one: a name is never used for two volumes", async () => {
  const names = new Set<string>();
  for (const path of ["/exports/llama", "/exports/llama-v2"]) {
    const { result } = await record(() => new ModelWeights("llama", { namespace: "models", nfs: { ...nfs, path } }));
    names.add(await outputValue(result.claimName));
  }
  expect(names.size).toBe(2);
});

test("a download: its Job is named by what it does, and the directory it fills is told", async () => {
  const of = async (revision: string) => {
    const download = { repository: "org/llama", revision };
    const program = await record(() => new ModelWeights("llama", { namespace: "models", nfs: { ...nfs, download } }));
    const { inputs } = resource(program, "vllm-serving:index:ModelWeights$kubernetes:batch/v1:Job::llama-download");
    return { inputs, subPath: await outputValue(program.result.subPath) };
  };
  const [first, again, next] = [await of("a".repeat(40)), await of("a".repeat(40)), await of("b".repeat(40))];
  expect(first.inputs).toHaveProperty("metadata.name", expect.stringMatching(/^llama-download-[0-9a-f]{8}$/));
  expect(again).toEqual(first);
  expect(first.subPath).toBe(`org--llama/${"a".repeat(40)}`);
  expect(next.subPath).toBe(`org--llama/${"b".repeat(40)}`);
  expect(next.inputs).not.toHaveProperty("metadata.name", Object(first.inputs.metadata).name);
});

test("a revision that moves is warned of", async () => {
  const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue(undefined);
  const download = { repository: "org/llama", revision: "main", allowMovingRevision: true };
  await record(() => new ModelWeights("llama", { namespace: "models", nfs: { ...nfs, download } }));
  expect(warn.mock.calls.map(([message]) => message)).toEqual([
    'nfs.download.revision is "main", which is no commit: it may come to name other files, but is never downloaded again. Pin the commit.',
  ]);
  warn.mockRestore();
});

test("at preview only what depends on an unknown server is unknown", async () => {
  const program = await record(
    () => new ModelWeights("llama", { namespace: "models", nfs: { ...nfs, server: unknownOutput<string>() } }),
    { preview: true },
  );
  const expected = weightsVolume({
    instance: "llama",
    namespace: "models",
    claimName: unknownValue,
    volumeName: unknownValue,
    nfs: { ...nfs, server: unknownValue },
  });
  expect(program.errors).toEqual([]);
  expect(resource(program, volumeUrn).inputs).toEqual(expected);
});

test.each([
  {
    wrong: "path",
    args: { namespace: "models", nfs: { ...nfs, path: pulumi.output("exports") } },
    says: 'nfs.path: is "exports"',
  },
  {
    wrong: "server",
    args: { namespace: "models", nfs: { ...nfs, server: pulumi.output("") } },
    says: "nfs.server: is empty",
  },
  { wrong: "namespace", args: { namespace: pulumi.output(""), nfs }, says: 'namespace: is ""' },
])("a $wrong that turns out to be wrong stops the pair", async ({ args, says }) => {
  const { resources, errors } = await record(() => new ModelWeights("llama", args));
  expect([...resources.keys()]).toEqual(["vllm-serving:index:ModelWeights::llama"]);
  expect(errors.length).toBeGreaterThan(0);
  expect(messageOf(errors[0])).toContain(`ModelWeights "llama" has 1 problem in its arguments:\n  ${says}`);
});

test("wrong plain arguments: all at once, before anything is registered", async () => {
  let message = "";
  const { resources } = await record(() => {
    try {
      new ModelWeights("Llama", { namespace: "My Models", nfs: { server: "", path: "exports" }, size: "much" });
    } catch (error) {
      message = messageOf(error);
    }
  });
  expect(resources.size).toBe(0);
  expect(message.split("\n")).toHaveLength(6);
  expect(message).toContain('ModelWeights "Llama" has 5 problems in its arguments:\n');
});
