import { type PlatformReference, platformProblems, platformReference } from "../manifests/platform-reference";
import { servedModelManifests } from "../manifests/served-model";
import type { Problem } from "../policy/policy-input";
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
import { type ValidPart, validPart } from "./valid-part";

/** Values by key, without the `vllm-serving:` in front; encrypted ones as `{ secure: ... }`. */
export type RawConfiguration = Readonly<Record<string, unknown>>;

export type ConfigurationResult = { ok: true; configuration: Configuration } | { ok: false; problems: Problem[] };

/**
 * Checks everything that can be known before a resource exists and reports all of it at once: form, bounds, relations between
 * fields, and whether a policy can keep each model's objective.
 */
export function parseConfiguration(raw: RawConfiguration): ConfigurationResult {
  const platform = validPart(platformSchema, raw.platform, neutralPlatform);
  const models = listOf(raw.models).map((model) => validPart(modelSchema, model, neutralModel));
  const problems = distinct(schemaProblems(configurationSchema, raw), [
    ...ownProblems(platform, platformProblems(platform.value)).map(at("platform.")),
    ...eachModelProblems(models, referenceOf(platform)),
    ...betweenModelsProblems(modelsWith(models, ["name", "namespace", "servedModelName"])).map(at("models")),
    ...gpuBudgetProblems(platform.value.gpus?.budget, modelsWith(models, ["replicas", "gpus"])).map(at("platform.")),
  ]);
  return problems.length === 0 ? { ok: true, configuration: configurationSchema.parse(raw) } : { ok: false, problems };
}

/** Stand-ins for what is missing or malformed, which cause no problem by themselves. */
const neutralPlatform: PlatformConfiguration = {
  distribution: "kubernetes",
  prometheus: { url: "http://prometheus.invalid" },
};
const neutralModel: ModelConfiguration = {
  name: "model",
  namespace: "models",
  weights: { existingClaim: "weights" },
  slo: { itl: { atMostMs: 1000 } },
  replicas: { max: 1 },
  capacity: { concurrencyPerReplica: 1 },
};

/** Fields the policy is compiled from: with one of them made up, what the compiler says of the others means nothing. */
const policyFields = ["slo", "replicas", "capacity"];

type ModelPart = ValidPart<ModelConfiguration>;

/** What models are checked against while something of the platform is wrong: nothing that could make them wrong. */
function referenceOf(platform: ValidPart<PlatformConfiguration>): PlatformReference {
  const sound = platformProblems(platform.value).length === 0;
  const reference = platformReference(sound ? platform.value : neutralPlatform);
  return sound && !platform.replaced.has("gpus") ? reference : { ...reference, gpuProducts: [] };
}

/** Everything wrong with each model by itself, its policy included. */
function eachModelProblems(models: readonly ModelPart[], reference: PlatformReference): Problem[] {
  return models.flatMap((model, index) => {
    const options = servedModelOptions(model.value, reference);
    const result = servedModelManifests(model.value.name, options, reference);
    return result.ok ? [] : ownProblems(withPolicyAsOne(model), result.problems).map(inConfiguration(index));
  });
}

function withPolicyAsOne(model: ModelPart): ModelPart {
  return policyFields.some((field) => model.replaced.has(field))
    ? { ...model, replaced: new Set([...model.replaced, ...policyFields]) }
    : model;
}

function ownProblems(part: ValidPart<unknown>, problems: readonly Problem[]): Problem[] {
  return problems.filter(({ path }) => !part.replaced.has(path.replace(/[.[].*$/, "")));
}

/** Models whose values of these fields are the user's. */
function modelsWith(models: readonly ModelPart[], fields: readonly string[]) {
  const listed = models.map((part, index) => ({ index, model: part.value, replaced: part.replaced }));
  return listed.filter(({ replaced }) => !fields.some((field) => replaced.has(field)));
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
