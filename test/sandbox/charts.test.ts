import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureTools } from "@vllm-serving/sandbox";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { at, toJson } from "../../packages/sandbox/src/provider/json";
import { kserveKinds } from "../../src/manifests/platform/kserve";
import { fieldOf } from "../../src/manifests/platform/readiness";
import { versions } from "../../src/versions";
import { givenValues } from "../fixtures/helm-values/given-values";
import { usedKeys } from "../fixtures/helm-values/used-keys";
import { upstreamChart } from "./support/upstream-charts";

/** Of the charts that get values from us, those that can be had wherever the tests run. */
const checkable = ["cert-manager", "kserve-resources", "kserve-runtime-configs"];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "vllm-serving-charts-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function helm(args: string[], values: object): Promise<string> {
  const { binaries } = await ensureTools();
  const run = await execa(binaries.helm, args, { input: JSON.stringify(values), reject: false });
  return run.exitCode === 0 ? run.stdout : `refused: ${run.stderr}`;
}

function without(values: object, path: readonly string[]): object {
  const [first = "", ...rest] = path;
  const entries = Object.entries(values).flatMap(([key, value]): [string, unknown][] => {
    if (key !== first) return [[key, value]];
    return rest.length === 0 ? [] : [[key, typeof value === "object" ? without(value, rest) : value]];
  });
  return Object.fromEntries(entries);
}

it("the real chart kserve-crd brings the kinds that are asked for before they go", async () => {
  const chart = await upstreamChart("kserve-crd", folder);
  const documents = parseAllDocuments(await helm(["template", "it", chart], {})).map((one) => toJson(one.toJS()));
  const kinds = documents
    .filter((one) => at(one, "kind") === "CustomResourceDefinition")
    .map((one) => `${String(at(one, "spec", "group"))} ${String(at(one, "spec", "names", "kind"))}`);
  const asked = kserveKinds.map(({ apiVersion, kind }) => `${apiVersion.split("/")[0]} ${kind}`);
  expect(kinds.sort()).toEqual(asked.sort());
});

describe.each(checkable)("the real chart %s", (name) => {
  const { variants = [] } = givenValues[name] ?? {};
  const { keys = [] } = usedKeys[name] ?? {};
  let chart: string;
  const render = (values: object) =>
    helm(["template", "it", chart, "--kube-version", versions.kubernetes, "--values", "-"], values);
  beforeAll(async () => {
    chart = await upstreamChart(name, folder);
  });

  it("takes what we give it", async () => {
    for (const values of variants) {
      expect(await render(values)).not.toMatch(/^refused/);
    }
  });

  it.each(keys)("heeds %s", async (key) => {
    const defaults: Record<string, unknown> = parse(await helm(["show", "values", chart], {}));
    const given = variants.filter((values) => fieldOf(values, key) !== undefined);
    const effects = await Promise.all(
      given.map(async (values) => {
        if (fieldOf(values, key) === fieldOf(defaults, key)) return "is the default";
        return (await render(values)) === (await render(without(values, key.split(".")))) ? "ignored" : "heeded";
      }),
    );
    expect(effects).not.toEqual([]);
    expect(effects).not.toContain("ignored");
  });
});
