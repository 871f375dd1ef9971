import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { ServingPlatform } from "./components/platform/serving-platform";
import { ServedModel } from "./components/serving/served-model";
import type { SelectedCluster } from "./config/cluster-guard";
import { emptyKubeconfig } from "./config/kubeconfig";
import { findCluster } from "./config/kubeconfig-file";
import { ourKeys } from "./config/load";
import { servedModelOptions } from "./config/model-options";
import { parseConfiguration, type RawConfiguration } from "./config/parse";
import { formatProblems } from "./config/problems";
import {
  type ClusterConfiguration,
  type Configuration,
  configurationNamespace,
  type ModelConfiguration,
} from "./config/schema";
import { platformReference } from "./manifests/platform-reference";
import { startupParts } from "./manifests/start-up";
import { serverDefaults } from "./manifests/vllm-server-options";

// The root program: configuration in, a platform and its models out. A stack of your own makes the same two components.

/** What a model tells other programs and people. */
interface ModelOutputs {
  namespace: string;
  url: pulumi.Output<string>;
  servedModelName: pulumi.Output<string>;
  deployment: pulumi.Output<string>;
  scaledObject: pulumi.Output<string>;
  /** What the windows of the policy are derived from, in seconds. */
  declared: ReturnType<typeof declaredTiming>;
  /** Why each field of the policy is what it is, a line each. */
  policy: pulumi.Output<string[]>;
}

const configuration = readConfiguration();
const cluster = selectCluster(configuration.cluster);
// The kubeconfig holds credentials: a secret is encrypted in the state.
const provider = new k8s.Provider("cluster", { kubeconfig: pulumi.secret(cluster?.kubeconfig ?? emptyKubeconfig) });
const servingPlatform = new ServingPlatform(
  "platform",
  { ...configuration.platform, check: cluster !== undefined },
  { providers: [provider] },
);

/** Other stacks read it through a StackReference. */
export const platform = servingPlatform.reference;
/** By the model's name. */
export const models = serveModels(configuration);

function readConfiguration(): Configuration {
  const parsed = parseConfiguration(rawConfiguration());
  if (!parsed.ok) {
    const count = parsed.problems.length === 1 ? "1 problem" : `${parsed.problems.length} problems`;
    throw runError(`The configuration of this stack has ${count}:\n${formatProblems(parsed.problems)}`);
  }
  return parsed.configuration;
}

/** Our keys of the stack's configuration. A secret's value is not even looked at: no field takes one. */
function rawConfiguration(): RawConfiguration {
  const secretKeys: unknown = JSON.parse(process.env.PULUMI_CONFIG_SECRET_KEYS ?? "[]");
  const isSecret = (key: string) =>
    Array.isArray(secretKeys) && secretKeys.includes(`${configurationNamespace}:${key}`);
  const values = Object.entries(ourKeys(pulumi.runtime.allConfig()));
  return Object.fromEntries(values.map(([key, value]) => [key, isSecret(key) ? { secure: "" } : jsonOrText(value)]));
}

/** The engine passes mappings and lists as JSON, and texts as they are. */
function jsonOrText(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** `undefined` in a preview without a kubeconfig, as CI may have it. */
function selectCluster(expected: ClusterConfiguration): SelectedCluster | undefined {
  const found = findCluster(expected);
  if ("missing" in found) {
    const missing = `There is no kubeconfig at ${found.missing}`;
    if (!pulumi.runtime.isDryRun()) {
      throw runError(`${missing}; set KUBECONFIG or ${configurationNamespace}:cluster.kubeconfig to the cluster's.`);
    }
    pulumi.log.warn(`${missing}: previewing without a cluster, so nothing is compared with or checked in one.`);
    return undefined;
  }
  if (!found.ok) {
    throw runError(`This cluster is not used:\n${formatProblems(found.problems)}`);
  }
  return found.cluster;
}

/** Models in a namespace that another model makes wait for that one. */
function serveModels({ models }: Configuration): Record<string, ModelOutputs> {
  const makers = models.filter(({ createNamespace }) => createNamespace === true);
  const others = models.filter(({ createNamespace }) => createNamespace !== true);
  const made = makers.map((model) => ({ model, served: serve(model, []) }));
  const waiting = others.map((model) => {
    const maker = made.find((candidate) => candidate.model.namespace === model.namespace);
    return { model, served: serve(model, maker === undefined ? [] : [maker.served]) };
  });
  return Object.fromEntries([...made, ...waiting].map(({ model, served }) => [model.name, outputsOf(model, served)]));
}

function serve(model: ModelConfiguration, dependsOn: pulumi.Resource[]): ServedModel {
  const options = servedModelOptions(model, platformReference(configuration.platform));
  return new ServedModel(
    model.name,
    { ...options, platform: servingPlatform.reference },
    { providers: [provider], dependsOn },
  );
}

function outputsOf(model: ModelConfiguration, served: ServedModel): ModelOutputs {
  return {
    namespace: model.namespace,
    url: served.url,
    servedModelName: served.servedModelName,
    deployment: served.deploymentName,
    scaledObject: served.scaledObjectName,
    declared: declaredTiming(model),
    policy: served.explanation,
  };
}

function declaredTiming(model: ModelConfiguration) {
  return {
    startup: startupParts(model.startup),
    longestGenerationSeconds: model.longestGenerationSeconds ?? serverDefaults.longestGenerationSeconds,
    scrapeIntervalSeconds: model.scrapeIntervalSeconds ?? serverDefaults.scrapeIntervalSeconds,
  };
}

/** The one error that the engine shows as its message alone. */
function runError(message: string): pulumi.RunError {
  const error = new pulumi.RunError(message);
  error.stack = `RunError: ${message}`;
  return error;
}
