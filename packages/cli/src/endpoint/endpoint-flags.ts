import { readFileSync } from "node:fs";
import { type Command, InvalidArgumentError } from "commander";
import {
  type Configuration,
  formatProblems,
  loadConfigurationFile,
  type ModelConfiguration,
  parseConfiguration,
} from "vllm-serving/config";
import { clusterUrl, externalUrl } from "vllm-serving/manifests";
import { environmentFile } from "../environment-file";
import type { EndpointOptions } from "./endpoint";

/** What says which deployed model is meant and how to reach it. */
export interface EndpointFlags {
  env?: string;
  url?: string;
  model?: string;
  host?: string;
  apiKeyEnv?: string;
  apiKeyFile?: string;
  caFile?: string;
}

/** A model to ask and where. */
export interface DeployedModel {
  endpoint: EndpointOptions;
  /** The name clients ask for. */
  servedModelName: string;
  /** With `--env`. */
  configured?: ConfiguredModel | undefined;
}

interface ConfiguredModel {
  model: ModelConfiguration;
  platform: Configuration["platform"];
}

export function addEndpointOptions(command: Command): Command {
  return command
    .option("--url <url>", "base URL that clients use, without /v1")
    .option(
      "--model <name>",
      "name clients ask for; with --env the model's name there, not needed if it is the only one",
    )
    .option(
      "--env <name>",
      "environment whose model it is; without --url it is asked at the host of expose, or at its address inside the cluster",
    )
    .option("--host <name>", "Host header, where the URL is the address of an ingress or interceptor")
    .option("--api-key-env <variable>", "environment variable that holds the API key or token")
    .option("--api-key-file <file>", "file that holds the API key or token")
    .option("--ca-file <file>", "PEM of a certificate authority to trust beside the public ones");
}

/** @throws Error that says which option is missing or cannot be used */
export function deployedModel(flags: EndpointFlags): DeployedModel {
  const configured = flags.env === undefined ? undefined : configuredModel(flags.env, flags.model);
  const model = configured?.model;
  const given = flags.url === undefined ? undefined : httpUrl(flags.url);
  const url = given ?? (model && new URL(externalUrl(model) ?? clusterUrl(model.name, model)));
  const servedModelName = model === undefined ? flags.model : (model.servedModelName ?? model.name);
  if (url === undefined || servedModelName === undefined) throw new Error("Give --url and --model, or --env.");
  return {
    endpoint: {
      url,
      host: flags.host === undefined ? undefined : hostHeader(flags.host),
      apiKey: apiKey(flags),
      certificateAuthority: flags.caFile === undefined ? undefined : certificates(flags.caFile),
    },
    servedModelName,
    configured,
  };
}

export function positiveSeconds(text: string): number {
  const seconds = Number(text);
  if (Number.isFinite(seconds) && seconds > 0) return seconds;
  throw new InvalidArgumentError("Give a number of seconds above 0.");
}

/** What is in credentials and query is not repeated. */
function httpUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol)) {
    throw new Error(`--url is ${shownUrl(text, url)}: give an http or https URL, such as https://llama.example.com.`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new Error(
      "--url has a user name or password in it, which stays in the shell's history: give a key by --api-key-env or --api-key-file.",
    );
  }
  if (url.search !== "" || url.hash !== "") {
    throw new Error(`--url has something behind its path: give ${url.origin}${url.pathname} alone.`);
  }
  return url;
}

function shownUrl(text: string, url: URL | undefined): string {
  return url !== undefined && url.host !== "" ? `${url.protocol}//${url.host}` : /[@?#]/.test(text) ? "no URL" : text;
}

function hostHeader(text: string): string {
  if (/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?(:\d+)?$/i.test(text)) return text;
  throw new Error(`--host is ${text}: give a host name alone, such as llama.example.com.`);
}

function configuredModel(environment: string, name: string | undefined): ConfiguredModel {
  const file = environmentFile(environment);
  const parsed = parseConfiguration(loadConfigurationFile(file));
  if (!parsed.ok) throw new Error(`${file} is not right:\n${formatProblems(parsed.problems)}`);
  const { models, platform } = parsed.configuration;
  const names = models.map((model) => model.name).join(", ");
  if (name === undefined && models.length > 1)
    throw new Error(`${file} has several models, say which with --model: ${names}.`);
  const found = name === undefined ? models[0] : models.find((model) => model.name === name);
  if (found === undefined) throw new Error(`${file} has no model ${name}. It has ${names}.`);
  return { model: found, platform };
}

function apiKey({ apiKeyEnv, apiKeyFile }: EndpointFlags): string | undefined {
  if (apiKeyEnv !== undefined && apiKeyFile !== undefined)
    throw new Error("Give --api-key-env or --api-key-file, not both.");
  if (apiKeyEnv !== undefined) return usable(process.env[apiKeyEnv] ?? "", `The environment variable ${apiKeyEnv}`);
  return apiKeyFile === undefined ? undefined : usable(read(apiKeyFile), apiKeyFile);
}

/** A key without the line's end that files have. What cannot be in a header is not shown either. */
function usable(text: string, where: string): string {
  const key = text.trim();
  if (key === "") throw new Error(`${where} holds no key.`);
  if (!/^[\x21-\x7e]+$/.test(key))
    throw new Error(`${where} holds something that is no key: it has spaces or other characters no header takes.`);
  return key;
}

function certificates(file: string): string {
  const pem = read(file);
  if (!pem.includes("-----BEGIN CERTIFICATE-----")) throw new Error(`${file} holds no certificate in PEM.`);
  return pem;
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new Error(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
