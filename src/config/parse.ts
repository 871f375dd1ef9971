import { type PlatformReference, platformProblems, platformReference } from "../manifests/platform-reference";
import { servedModelManifests } from "../manifests/served-model";
import type { Problem } from "../policy/policy-input";
import { isUntouched, ownProblems, problemsBeside, type Repaired, repaired } from "../policy/stand-ins";
import { betweenModelsProblems } from "./between-models";
import { gpuBudgetProblems } from "./gpu-budget";
import { servedModelOptions } from "./model-options";
import { modelSchema } from "./model-schema";
import { platformSchema } from "./platform-schema";
import { schemaProblems } from "./problems";
import {
  type Configuration,
  configurationNamespace,
  configurationSchema,
  type ModelConfiguration,
  type PlatformConfiguration,
} from "./schema";
import { neutralModel, neutralPlatform, otherModel } from "./stand-ins";

/** Values by key, without the `vllm-serving:` in front; encrypted ones as `{ secure: ... }`. */
export type RawConfiguration = Readonly<Record<string, unknown>>;

export type ConfigurationResult = { ok: true; configuration: Configuration } | { ok: false; problems: Problem[] };

/**
 * Checks everything that can be known before a resource exists and reports all of it at once: form, bounds, relations between
 * fields, and whether a policy can keep each model's objective.
 */
export function parseConfiguration(raw: RawConfiguration): ConfigurationResult {
  const platform = repaired(platformSchema, raw.platform, neutralPlatform);
  const given = listOf(raw.models);
  const models = given.map((model) => repaired(modelSchema, model, neutralModel));
  const problems = distinct(schemaProblems(configurationSchema, raw), [
    ...ownProblems(platform, platformProblems(platform.value)).map(at("platform.")),
    ...eachModelProblems(given, referenceOf(platform)),
    ...betweenModelsProblems(modelsWith(models, ["name", "namespace", "servedModelName"])).map(at("models")),
    ...gpuBudgetProblems(platform.value.gpus?.budget, modelsWith(models, ["replicas", "gpus"])).map(at("platform.")),
  ]);
  return problems.length === 0 ? { ok: true, configuration: configurationSchema.parse(raw) } : { ok: false, problems };
}

/** What models are checked against while something of the platform is wrong: nothing that could make them wrong. */
function referenceOf(platform: Repaired<PlatformConfiguration>): PlatformReference {
  const sound = platformProblems(platform.value).length === 0;
  const reference = platformReference(sound ? platform.value : neutralPlatform);
  return sound && isUntouched(platform, "gpus") ? reference : { ...reference, gpuProducts: [] };
}

/** Everything wrong with each model by itself, its policy included. */
function eachModelProblems(models: readonly unknown[], reference: PlatformReference): Problem[] {
  const check = (model: ModelConfiguration) => {
    const result = servedModelManifests(model.name, servedModelOptions(model, reference), reference);
    return result.ok ? [] : result.problems;
  };
  return models.flatMap((model, index) =>
    problemsBeside(modelSchema, model, [neutralModel, otherModel], check).map(inConfiguration(index)),
  );
}

/** Models whose values of these fields are the user's. */
function modelsWith(models: readonly Repaired<ModelConfiguration>[], fields: readonly string[]) {
  return models.flatMap((model, index) =>
    fields.every((field) => isUntouched(model, field)) ? [{ index, model: model.value }] : [],
  );
}

/** Fields of a platform's reference and the keys they come from. */
const platformKeys = new Map([
  ["platform.prometheusUrl", "platform.prometheus.url"],
  ["platform.kedaVersion", "platform.keda.version"],
  ["platform.kserveVersion", "platform.kserve.version"],
  ["platform.kedaHttpAddonVersion", "platform.kedaHttpAddon.version"],
]);

function inConfiguration(index: number): (problem: Problem) => Problem {
  return (problem) =>
    problem.path.startsWith("platform.")
      ? at("")({ ...problem, path: platformKeys.get(problem.path) ?? problem.path })
      : at(`models[${index}].`)(problem);
}

function at(prefix: string): (problem: Problem) => Problem {
  return ({ path, message }) => ({ path: `${configurationNamespace}:${prefix}${path}`, message });
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/**
 * Those of the form, and the others where the form is right: what the form of a field is not, its bounds, or those of one inside it,
 * are not either. The bounds of one field may contradict each other, so all that are missed are told, each once.
 */
function distinct(form: readonly Problem[], others: readonly Problem[]): Problem[] {
  const holds = (holder: string, path: string) => path === holder || path.startsWith(`${holder}.`);
  const onForm = form.filter(({ path }, i) => form.findIndex((other) => holds(other.path, path)) === i);
  const onBounds = others.filter(({ path }) => !form.some((known) => holds(known.path, path)));
  const same = (one: Problem, other: Problem) => one.path === other.path && one.message === other.message;
  return [...onForm, ...onBounds.filter((one, i) => onBounds.findIndex((other) => same(one, other)) === i)];
}
