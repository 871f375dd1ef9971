import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { StorageV1Api } from "@kubernetes/client-node";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { z } from "zod";
import { clientsOf, deleteNamespace, waitFor } from "./support/cluster";
import { type Difference, differencesOf } from "./support/provider/differences";
import { ProviderPlugin, providerProgram } from "./support/provider/plugin";
import { recordScenario } from "./support/provider/record";
import { namespaceOf, type Recorded, type Scenario } from "./support/provider/scenario";
import { scenarioTables } from "./support/provider/scenarios";
import { widgetDefinition } from "./support/provider/scenarios/cluster";

const sandbox = inject("sandbox");
const { kubeConfig, core, objects } = clientsOf(sandbox);

const fixtures = resolve(__dirname, "../fixtures/provider");
const scenarios = Object.values(scenarioTables).flat();
/** Writes the fixtures anew; only with the official provider. */
const recording = process.env.VLLM_SERVING_RECORD_ANSWERS === "1";

const knownDifferences = z
  .array(z.object({ places: z.array(z.string()) }))
  .parse(JSON.parse(readFileSync(join(fixtures, "differences.json"), "utf8")));

/** One process for each set of the provider's arguments. */
const plugins = new Map<string, ProviderPlugin>();
const pluginKey = ({ settings }: Scenario) => JSON.stringify(settings ?? {});

async function startPlugins(): Promise<void> {
  for (const scenario of scenarios) {
    if (plugins.has(pluginKey(scenario))) continue;
    const variables = { ...scenario.settings, kubeconfig: sandbox.kubeconfig };
    const plugin = await ProviderPlugin.start(providerProgram(sandbox), sandbox.pulumiEnvironment, variables);
    plugins.set(pluginKey(scenario), plugin);
  }
}

async function record(scenario: Scenario): Promise<Recorded[]> {
  const namespace = namespaceOf(scenario);
  const plugin = plugins.get(pluginKey(scenario));
  if (plugin === undefined) throw new Error(`No provider runs for ${scenario.name}.`);
  await core.createNamespace({ body: { metadata: { name: namespace } } });
  await waitFor(`the account of namespace ${namespace}`, async () => {
    const accounts = await core.listNamespacedServiceAccount({ namespace });
    return accounts.items.length > 0;
  });
  return recordScenario(scenario, plugin, kubeConfig);
}

/** Plays all scenarios, a few at a time. */
async function recordAll(): Promise<Map<string, Recorded[]>> {
  const recorded = new Map<string, Recorded[]>();
  const left = [...scenarios];
  const worker = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) recorded.set(next.name, await record(next));
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  return recorded;
}

/** One line a call, so that a change shows as what it is. */
function writeFixtures(recorded: ReadonlyMap<string, Recorded[]>): void {
  for (const [table, tabled] of Object.entries(scenarioTables)) {
    const answers = tabled.map(({ name }) => {
      const lines = (recorded.get(name) ?? []).map((each) => `    ${JSON.stringify(each)}`);
      return `  ${JSON.stringify(name)}: [\n${lines.join(",\n")}\n  ]`;
    });
    writeFileSync(join(fixtures, `${table}.json`), `{\n${answers.join(",\n")}\n}\n`);
  }
}

function readFixture(table: string): Record<string, Recorded[]> {
  return JSON.parse(readFileSync(join(fixtures, `${table}.json`), "utf8"));
}

function differencesFromFixtures(recorded: ReadonlyMap<string, Recorded[]>): Difference[] {
  return Object.entries(scenarioTables).flatMap(([table, tabled]) => {
    const official = readFixture(table);
    return tabled.flatMap(({ name }) => differencesOf(name, official[name] ?? [], recorded.get(name) ?? []));
  });
}

beforeAll(async () => {
  await objects.create(widgetDefinition);
  await startPlugins();
});
afterAll(async () => {
  await Promise.all([...plugins.values()].map((plugin) => plugin.stop()));
  await objects.delete(widgetDefinition);
  await core.deletePersistentVolume({ name: "answers-claimed" });
  await kubeConfig.makeApiClient(StorageV1Api).deleteStorageClass({ name: "answers-late" });
  await Promise.all(scenarios.map((scenario) => deleteNamespace(core, namespaceOf(scenario))));
});

it("answers as the official provider did, but for the listed differences", async () => {
  const recorded = await recordAll();
  if (recording) {
    expect(sandbox.provider).toBe("official");
    writeFixtures(recorded);
  }
  const differences = differencesFromFixtures(recorded);
  const listed = sandbox.provider === "official" ? [] : knownDifferences.flatMap(({ places }) => places);
  const unlisted = differences.filter(({ place }) => !listed.includes(place));
  expect(unlisted).toEqual([]);
  expect(differences.map(({ place }) => place).sort()).toEqual([...listed].sort());
});
