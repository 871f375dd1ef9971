import { stringify } from "yaml";
import type { KubernetesObject } from "../manifests/kubernetes-object";
import { platformReference } from "../manifests/platform-reference";
import { servedModelManifests } from "../manifests/served-model";
import { servedModelOptions } from "./model-options";
import { formatProblems } from "./problems";
import type { Configuration } from "./schema";

/** A Kubernetes object and where it goes in a folder of manifests. */
export interface RenderedObject {
  /** `<namespace>/<kind>-<name>.yaml`, with `cluster` for objects without a namespace. */
  path: string;
  object: KubernetesObject;
}

/**
 * All objects of all models in the order they are created in: exactly what `pulumi up` creates. Secrets are only ever
 * referred to by name.
 *
 * @throws Error if `configuration` did not come from `parseConfiguration` and is wrong
 */
export function renderConfiguration(configuration: Configuration): RenderedObject[] {
  const platform = platformReference(configuration.platform);
  return configuration.models.flatMap((model) => {
    const result = servedModelManifests(model.name, servedModelOptions(model, platform), platform);
    if (!result.ok) {
      throw new Error(`Model "${model.name}" cannot be rendered:\n${formatProblems(result.problems)}`);
    }
    return result.objects.map(({ object }) => ({ path: pathOf(object), object }));
  });
}

/** YAML documents, each with its path in a comment. */
export function toYaml(rendered: readonly RenderedObject[]): string {
  return rendered
    .map(({ path, object }) => `# ${path}\n${stringify(object, { lineWidth: 0, aliasDuplicateObjects: false })}`)
    .join("---\n");
}

function pathOf({ kind, metadata }: KubernetesObject): string {
  return `${metadata.namespace ?? "cluster"}/${kind.toLowerCase()}-${metadata.name}.yaml`;
}
