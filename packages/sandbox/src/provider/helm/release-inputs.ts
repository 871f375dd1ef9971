import { isObject, type Json, type JsonObject, ownValue, stringAt } from "../json";
import type { LiveRelease } from "./live-release";

/** Arguments with a default, as the official provider fills them in. */
const defaults: JsonObject = {
  allowNullValues: false,
  atomic: false,
  chart: "",
  cleanupOnFail: false,
  createNamespace: false,
  dependencyUpdate: false,
  description: "",
  devel: false,
  disableCRDHooks: false,
  disableOpenapiValidation: false,
  disableWebhooks: false,
  forceUpdate: false,
  keyring: "",
  lint: false,
  name: "",
  namespace: "",
  postrender: "",
  recreatePods: false,
  renderSubchartNotes: false,
  replace: false,
  resetValues: false,
  reuseValues: false,
  skipAwait: false,
  skipCrds: false,
  timeout: 0,
  values: {},
  verify: false,
  version: "",
  waitForJobs: false,
};
const repositoryDefaults: JsonObject = { caFile: "", certFile: "", keyFile: "", password: "", repo: "", username: "" };
const optional = ["maxHistory", "repositoryOpts"];

/** Seconds of an operation that is awaited. */
const defaultTimeoutSeconds = 300;

/** What the command line cannot be told, or not without showing a secret to everybody on the machine. */
const refused = ["valueYamlFiles", "recreatePods"];

/** All arguments of a release, with the defaults of those that were not given. */
export function completeInputs(given: JsonObject, defaultNamespace: string): JsonObject {
  const known = Object.entries(given).filter(([key]) => Object.hasOwn(defaults, key) || optional.includes(key));
  const inputs: JsonObject = { ...defaults, ...Object.fromEntries(known.filter(([, value]) => value !== null)) };
  if (inputs.namespace === "") inputs.namespace = defaultNamespace;
  if (isObject(inputs.repositoryOpts)) inputs.repositoryOpts = { ...repositoryDefaults, ...inputs.repositoryOpts };
  if (inputs.skipAwait !== true && given.timeout === undefined) inputs.timeout = defaultTimeoutSeconds;
  return inputs;
}

/** The arguments of a release that others installed: Helm does not keep where its chart came from, nor how it was installed. */
export function importedInputs({ status, values }: LiveRelease): JsonObject {
  const { name = "", namespace = "", chart = "", version = "" } = status;
  return { ...defaults, name, namespace, chart, version, values };
}

/** Everything in the arguments that the stand-in cannot do. */
export function refusedArguments(given: JsonObject): string[] {
  const present = refused.filter((name) => {
    const value = ownValue(given, name);
    return value !== undefined && value !== null && value !== false;
  });
  const password = stringAt(given, "repositoryOpts", "password") === "" ? [] : ["repositoryOpts.password"];
  return [...present, ...password];
}

/** Options of `helm` that find the chart. */
export function chartFlags(inputs: JsonObject): string[] {
  const repository = ownValue(inputs, "repositoryOpts");
  const option = (flag: string, name: string) => text(flag, isObject(repository) ? repository[name] : undefined);
  return [
    ...text("--version", inputs.version),
    ...option("--repo", "repo"),
    ...option("--ca-file", "caFile"),
    ...option("--cert-file", "certFile"),
    ...option("--key-file", "keyFile"),
    ...option("--username", "username"),
    ...flag("--devel", inputs.devel),
    ...flag("--verify", inputs.verify),
    ...text("--keyring", inputs.keyring),
  ];
}

export function installFlags(inputs: JsonObject): string[] {
  return [
    ...commonFlags(inputs),
    ...flag("--no-hooks", inputs.disableWebhooks),
    ...flag("--skip-crds", inputs.skipCrds),
    ...flag("--replace", inputs.replace),
    ...flag("--create-namespace", inputs.createNamespace),
  ];
}

export function upgradeFlags(inputs: JsonObject): string[] {
  return [
    ...commonFlags(inputs),
    ...flag("--no-hooks", inputs.disableCRDHooks),
    ...flag("--force", inputs.forceUpdate),
    ...flag("--reset-values", inputs.resetValues),
    ...flag("--reuse-values", inputs.reuseValues),
    ...flag("--cleanup-on-fail", inputs.cleanupOnFail),
    // Helm's own default is 10, the official provider's no limit.
    "--history-max",
    String(inputs.maxHistory ?? 0),
  ];
}

export function timeoutFlags(inputs: JsonObject): string[] {
  const seconds = typeof inputs.timeout === "number" && inputs.timeout > 0 ? inputs.timeout : defaultTimeoutSeconds;
  return ["--timeout", `${seconds}s`];
}

function commonFlags(inputs: JsonObject): string[] {
  return [
    ...chartFlags(inputs),
    ...timeoutFlags(inputs),
    ...flag("--wait", inputs.skipAwait !== true),
    ...flag("--wait-for-jobs", inputs.skipAwait !== true && inputs.waitForJobs === true),
    ...flag("--atomic", inputs.atomic),
    ...flag("--dependency-update", inputs.dependencyUpdate),
    ...flag("--render-subchart-notes", inputs.renderSubchartNotes),
    ...flag("--disable-openapi-validation", inputs.disableOpenapiValidation),
    ...text("--description", inputs.description),
    ...text("--post-renderer", inputs.postrender),
  ];
}

function flag(name: string, value: Json | undefined): string[] {
  return value === true ? [name] : [];
}

function text(name: string, value: Json | undefined): string[] {
  return typeof value === "string" && value !== "" ? [name, value] : [];
}
