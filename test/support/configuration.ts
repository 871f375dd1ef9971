import { resolve } from "node:path";
import {
  loadConfigurationFile,
  parseConfiguration,
  type RawConfiguration,
  type RenderedObject,
  renderConfiguration,
} from "vllm-serving/config";
import { z } from "zod";

const oneModel = z.looseObject({ platform: z.looseObject({}), models: z.tuple([z.looseObject({})]) });

/** An environment of the root program: `kubernetes`, `openshift` or `sandbox`. */
export function environmentOf(environment: string): RawConfiguration {
  return loadConfigurationFile(resolve(__dirname, `../../Pulumi.${environment}.yaml`));
}

/** The same with other settings of its one model and of its platform. */
export function changed(environment: string, model: object, platform: object = {}): RawConfiguration {
  const raw = oneModel.parse(environmentOf(environment));
  return { ...raw, platform: { ...raw.platform, ...platform }, models: [{ ...raw.models[0], ...model }] };
}

/** The objects of a configuration, which must be right. */
export function render(raw: RawConfiguration): RenderedObject[] {
  const parsed = parseConfiguration(raw);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return renderConfiguration(parsed.configuration);
}
