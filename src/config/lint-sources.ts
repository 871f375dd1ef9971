import { LintedObject, type LintSource, lintedVersions, parseLintVersions, type ReleaseTexts } from "../lint";
import { platformReference } from "../manifests/platform-reference";
import { versions } from "../versions";
import { type RenderedObject, renderParts } from "./render";
import type { Configuration } from "./schema";

/**
 * What an environment renders, as something to lint: the platform's objects and each model's, with the releases that they meet
 * there.
 *
 * @param name what findings name
 * @param said releases that somebody says are others
 */
export function lintSources(
  name: string,
  configuration: Configuration,
  said: Partial<ReleaseTexts> = {},
): LintSource[] {
  const { platform, models } = renderParts(configuration);
  const { kedaVersion, kserveVersion, kubernetesVersion } = platformReference(configuration.platform);
  const installed = { keda: kedaVersion, kserve: kserveVersion, kubernetes: kubernetesVersion };
  const source = (rendered: readonly RenderedObject[], vllm: string): LintSource => ({
    name,
    objects: rendered.map(({ object }) => new LintedObject({ name }, object)),
    versions: parseLintVersions({ ...lintedVersions, ...installed, vllm, ...said }),
  });
  return [
    source(platform, versions.vllm),
    ...models.map(({ model, objects }) => source(objects, model.vllmVersion ?? versions.vllm)),
  ];
}
