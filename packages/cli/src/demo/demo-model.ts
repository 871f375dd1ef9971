import {
  type Configuration,
  formatProblems,
  loadConfigurationFile,
  parseConfiguration,
  servedModelOptions,
} from "vllm-serving/config";
import { platformReference, type ServingBackend, servedModelManifests, serverDefaults } from "vllm-serving/manifests";
import { capacityProfile, type Explanation, requiredShare } from "vllm-serving/policy";
import { type DemoLoad, demoLoad } from "./demo-load";

/** The model that the sandbox's stack serves, with the policy compiled for it. */
export interface DemoModel {
  namespace: string;
  /** Name of the Service. */
  name: string;
  /** What the autoscaler scales. */
  deployment: string;
  /** What makes the Deployment: KServe, or the stack itself. */
  backend: ServingBackend;
  /** Name clients ask for. */
  servedModelName: string;
  /** Model repository and GPU the capacity profile is for. */
  repository: string;
  gpuProduct: string;
  /** Prompt and output length the policy is compiled for. */
  promptTokens: number;
  outputTokens: number;
  /** At least a share `quantile` of the gaps between tokens is at most `atMostMs` milliseconds. */
  objective: { atMostMs: number; quantile: number };
  maxReplicas: number;
  /** In-flight requests a replica is asked to carry. */
  targetConcurrency: number;
  startup: { imagePullSeconds: number; loadSeconds: number; compileSeconds: number };
  /** The drain: longest generation that a removed replica may finish. */
  longestGenerationSeconds: number;
  /** Names of the triggers, in the order of the ScaledObject. */
  triggers: string[];
  explanation: Explanation[];
  warnings: string[];
}

/**
 * The first model of a stack's configuration, and the load that shows how it scales. It is read by the same functions as
 * the program of the stack reads it, so it is what `pulumi up` makes.
 *
 * @throws Error that names what the demo needs and the configuration lacks
 */
export function readDemoModel(configurationFile: string): { model: DemoModel; load: DemoLoad } {
  const parsed = parseConfiguration(loadConfigurationFile(configurationFile));
  if (!parsed.ok) {
    throw new Error(`${configurationFile} cannot be used:\n${formatProblems(parsed.problems)}`);
  }
  return demoModelOf(parsed.configuration, configurationFile);
}

function demoModelOf(configuration: Configuration, file: string): { model: DemoModel; load: DemoLoad } {
  const [first] = configuration.models;
  const lacks = (what: string) => new Error(`The demo needs ${what} in the first model of ${file}.`);
  if (first === undefined) throw lacks("a model");
  const { capacity, slo, startup, replicas, longestGenerationSeconds } = first;
  const profile = capacityProfile(capacity?.profile ?? "");
  const { promptTokens, outputTokens } = capacity ?? {};
  if (slo?.itl === undefined) throw lacks("an objective slo.itl");
  if (profile === undefined || promptTokens === undefined || outputTokens === undefined) {
    throw lacks("capacity.profile with promptTokens and outputTokens");
  }
  if (
    startup?.imagePullSeconds === undefined ||
    startup.loadSeconds === undefined ||
    startup.compileSeconds === undefined
  ) {
    throw lacks("startup.imagePullSeconds, loadSeconds and compileSeconds");
  }
  if (longestGenerationSeconds === undefined) throw lacks("longestGenerationSeconds");
  const { name } = first;
  const platform = platformReference(configuration.platform);
  const compiled = servedModelManifests(name, servedModelOptions(first, platform), platform);
  if (!compiled.ok) throw new Error(`${file}: ${compiled.problems.map(({ message }) => message).join(" ")}`);
  if (compiled.policy === undefined) throw lacks("a strategy with a ScaledObject");
  const { scaledObject, targetConcurrency, explanation, warnings } = compiled.policy;
  const tokens = { promptTokens, outputTokens };
  const { imagePullSeconds, loadSeconds, compileSeconds } = startup;
  return {
    model: {
      namespace: first.namespace,
      name: nameOf(compiled.objects, "Service") ?? name,
      deployment: scaledObject.spec.scaleTargetRef.name,
      backend: first.backend ?? serverDefaults.backend,
      servedModelName: first.servedModelName ?? name,
      repository: profile.model,
      gpuProduct: profile.gpuProduct,
      ...tokens,
      objective: { atMostMs: slo.itl.atMostMs, quantile: requiredShare("itl", slo.itl) },
      maxReplicas: replicas.max,
      targetConcurrency,
      startup: { imagePullSeconds, loadSeconds, compileSeconds },
      longestGenerationSeconds,
      triggers: scaledObject.spec.triggers.map((trigger) => trigger.name ?? trigger.type),
      explanation,
      warnings,
    },
    load: demoLoad({
      targetConcurrency,
      maxReplicas: replicas.max,
      profile,
      tokens,
      longestGenerationSeconds,
      startupSeconds: imagePullSeconds + loadSeconds + compileSeconds,
    }),
  };
}

function nameOf(objects: { object: { kind: string; metadata: { name: string } } }[], kind: string): string | undefined {
  return objects.find(({ object }) => object.kind === kind)?.object.metadata.name;
}
