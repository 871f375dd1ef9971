import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { ServingPlatform } from "./components/platform/serving-platform";
import { ServedModel } from "./components/serving/served-model";
import { sharesAuthenticationOf } from "./config/between-models";
import type { SelectedCluster } from "./config/cluster-guard";
import { emptyKubeconfig } from "./config/kubeconfig";
import { findCluster } from "./config/kubeconfig-file";
import { servedModelOptions } from "./config/model-options";
import { parseConfiguration, type RawConfiguration } from "./config/parse";
import { formatProblems } from "./config/problems";
import {
  type ClusterConfiguration,
  type Configuration,
  configurationNamespace,
  type ExpectedCluster,
  type ModelConfiguration,
} from "./config/schema";
import { makesNothingWarning } from "./config/without-models";
import { keptFiles } from "./manifests/kept-files";
import { type PlatformReference, platformReference } from "./manifests/platform-reference";
import { modelStartup } from "./manifests/served-weights";
import { startupParts } from "./manifests/start-up";
import { serverDefaults } from "./manifests/vllm-server-options";
import type { Problem } from "./policy/policy-input";

/** What the stack tells other programs and people. */
export interface StackOutputs {
  /** Read it in another stack through a StackReference. */
  platform: pulumi.Output<PlatformReference>;
  /** What destroy leaves in the cluster, a line each. */
  kept: pulumi.Output<string[]>;
  /** By the model's name. */
  models: Record<string, ModelOutputs>;
}

export interface ModelOutputs {
  namespace: string;
  url: pulumi.Output<string>;
  /** Empty where nothing of ours leads to the model from outside. */
  externalUrl: pulumi.Output<string>;
  servedModelName: pulumi.Output<string>;
  deployment: pulumi.Output<string>;
  scaledObject: pulumi.Output<string>;
  /** What the windows of the policy are derived from, in seconds. */
  declared: ReturnType<typeof declaredTiming>;
  /** Why each field of the policy is what it is, a line each. */
  policy: pulumi.Output<string[]>;
}

/**
 * Creates the platform and the models of a stack's configuration, all through one provider for the cluster that the
 * configuration expects.
 *
 * @throws pulumi.RunError before any resource, with all problems, if the configuration is wrong or another cluster is selected
 */
export function createServingStack(raw: RawConfiguration): StackOutputs {
  const parsed = parseConfiguration(raw);
  if (!parsed.ok) {
    const count = parsed.problems.length === 1 ? "1 problem" : `${parsed.problems.length} problems`;
    throw refusal(`The configuration of this stack has ${count}`, parsed.problems);
  }
  const { configuration } = parsed;
  const nothing = makesNothingWarning(configuration);
  if (nothing !== undefined) {
    void pulumi.log.warn(nothing);
  }
  const cluster = selectCluster(configuration.cluster);
  // The kubeconfig holds credentials: a secret is encrypted in the state.
  const kubeconfig = pulumi.secret(cluster?.kubeconfig ?? emptyKubeconfig);
  const provider = new k8s.Provider("cluster", {
    kubeconfig,
    clusterIdentifier: clusterIdentifier(configuration.cluster.expect),
  });
  const platform = new ServingPlatform(
    "platform",
    { ...configuration.platform, kubeconfig, check: cluster !== undefined },
    { providers: [provider] },
  );
  return {
    platform: platform.reference,
    kept: platform.kept.apply((lines) => [...lines, ...keptFiles(configuration.models)]),
    models: serveModels(configuration, platform, provider),
  };
}

/** `undefined` in a preview without a kubeconfig, as CI may have it. */
function selectCluster(expected: ClusterConfiguration): SelectedCluster | undefined {
  const found = findCluster(expected);
  if ("missing" in found) {
    const missing = `There is no kubeconfig at ${found.missing}`;
    if (!pulumi.runtime.isDryRun()) {
      throw new pulumi.RunError(
        `${missing}: set KUBECONFIG or ${configurationNamespace}:cluster.kubeconfig to the cluster's.`,
      );
    }
    void pulumi.log.warn(`${missing}: previewing without a cluster, so nothing is compared with or checked in one.`);
    return undefined;
  }
  if (!found.ok) {
    throw refusal("The selected cluster is not the one of this stack", found.problems);
  }
  return found.cluster;
}

/**
 * What the provider compares in place of the kubeconfig: without it a rotated certificate, or a preview without a cluster,
 * would plan the replacement of everything.
 */
function clusterIdentifier({ server = "*", context = "*" }: ExpectedCluster): string {
  return `${server} ${context}`;
}

/**
 * A model waits for the namespace that another one makes, and for one whose TriggerAuthentication it shares: that is made after its
 * server.
 */
function serveModels(
  { models, platform: options }: Configuration,
  platform: ServingPlatform,
  provider: k8s.Provider,
): Record<string, ModelOutputs> {
  const reference = platformReference(options);
  const served = new Map<string, ServedModel>();
  const serve = (model: ModelConfiguration): ServedModel => {
    const known = served.get(model.name);
    if (known !== undefined) return known;
    const others = models.filter((other) => other !== model && other.namespace === model.namespace);
    const namespaces = others.filter(({ createNamespace }) => createNamespace === true).map(serve);
    const sharing = others.filter((other) => sharesAuthenticationOf(model, other)).map(serve);
    const dependsOn = pulumi.all(namespaces.map(({ namespace }) => namespace)).apply((): pulumi.Resource[] => sharing);
    const args = { ...servedModelOptions(model, reference), platform: platform.reference };
    const made = new ServedModel(model.name, args, { providers: [provider], dependsOn });
    served.set(model.name, made);
    return made;
  };
  return Object.fromEntries(models.map((model) => [model.name, outputsOf(model, serve(model))]));
}

function outputsOf(model: ModelConfiguration, served: ServedModel): ModelOutputs {
  return {
    namespace: model.namespace,
    url: served.url,
    externalUrl: served.externalUrl,
    servedModelName: served.servedModelName,
    deployment: served.deploymentName,
    scaledObject: served.scaledObjectName,
    declared: declaredTiming(model),
    policy: served.explanation,
  };
}

function declaredTiming(model: ModelConfiguration) {
  return {
    startup: startupParts(modelStartup(model)),
    longestGenerationSeconds: model.longestGenerationSeconds ?? serverDefaults.longestGenerationSeconds,
    scrapeIntervalSeconds: model.scrapeIntervalSeconds ?? serverDefaults.scrapeIntervalSeconds,
  };
}

/** The one kind of error that the engine shows as its message alone. */
function refusal(what: string, problems: readonly Problem[]): pulumi.RunError {
  return new pulumi.RunError(`${what}:\n${formatProblems(problems)}`);
}
