import { stringify } from "yaml";
import type { KubernetesObject } from "../manifests/kubernetes-object";
import { platformWarnings } from "../manifests/platform/openshift/support";
import { type PlatformManifests, platformManifests } from "../manifests/platform/platform-manifests";
import { platformReference } from "../manifests/platform-reference";
import { servedModelManifests } from "../manifests/served-model";
import { servedModelOptions } from "./model-options";
import { formatProblems } from "./problems";
import { waveOf } from "./render-order";
import type { Configuration, ModelConfiguration } from "./schema";
import { makesNothingWarning } from "./without-models";

/** A Kubernetes object and where it goes in a folder of manifests. */
export interface RenderedObject {
  /**
   * `<step>-<namespace>_<kind>_<name>.yaml`, with `cluster` for objects without a namespace. Sorted by it, what others need
   * comes first. It depends on this object alone, so a new object renames no file of another.
   */
  path: string;
  object: KubernetesObject;
}

/**
 * All objects of the platform and the models in the order they are created in: what `pulumi up` creates, but for Helm releases. Secrets
 * are only ever referred to by name.
 *
 * @throws Error if `configuration` did not come from `parseConfiguration` and is wrong
 */
export function renderConfiguration(configuration: Configuration): RenderedObject[] {
  const { platform, models } = renderParts(configuration);
  return [...platform, ...models.flatMap(({ objects }) => objects)];
}

/** What is rendered, by what it is for. */
export interface RenderedParts {
  platform: RenderedObject[];
  models: { model: ModelConfiguration; objects: RenderedObject[] }[];
}

/** @throws Error if `configuration` did not come from `parseConfiguration` and is wrong */
export function renderParts(configuration: Configuration): RenderedParts {
  const platform = platformReference(configuration.platform);
  const placed = (object: KubernetesObject): RenderedObject => ({ path: pathOf(object), object });
  const models = configuration.models.map((model) => {
    const result = servedModelManifests(model.name, servedModelOptions(model, platform), platform);
    if (!result.ok) {
      throw new Error(`Model "${model.name}" cannot be rendered:\n${formatProblems(result.problems)}`);
    }
    return { model, objects: result.objects.map(({ object }) => placed(object)) };
  });
  return { platform: platformManifests(configuration.platform).objects.map(placed), models };
}

/** What of the platform is no manifest: Helm releases, after namespaces and before everything else, and what is left to do. */
export function renderBeside(configuration: Configuration): Beside {
  const { releases, notes } = platformManifests(configuration.platform);
  const platform = platformReference(configuration.platform);
  const ofModels = configuration.models.flatMap((model) => {
    const result = servedModelManifests(model.name, servedModelOptions(model, platform), platform);
    return result.ok ? result.warnings.map((warning) => `Model ${model.name}: ${warning}`) : [];
  });
  const ofPlatform = platformWarnings(configuration.platform).map((warning) => `Platform: ${warning}`);
  const nothing = makesNothingWarning(configuration);
  return { releases, notes, warnings: [...(nothing === undefined ? [] : [nothing]), ...ofPlatform, ...ofModels] };
}

interface Beside extends Pick<PlatformManifests, "releases" | "notes"> {
  /** What the reader should know though it is no error: what `pulumi up` warns of. */
  warnings: string[];
}

/** YAML documents, each with its path in a comment. */
export function toYaml(rendered: readonly RenderedObject[]): string {
  return rendered.map(({ path, object }) => `# ${path}\n${toYamlDocument(object)}`).join("---\n");
}

/** One YAML document, without aliases, which some readers of manifests do not take. */
export function toYamlDocument(value: object): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
}

/** An underscore is in no name of Kubernetes, so different objects never share a path. */
function pathOf(object: KubernetesObject): string {
  const { kind, metadata } = object;
  const step = String(waveOf(object)).padStart(2, "0");
  return `${step}-${[metadata.namespace ?? "cluster", kind.toLowerCase(), metadata.name].join("_")}.yaml`;
}
