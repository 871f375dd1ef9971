/**
 * Values of a Helm chart. There is no null among them: Helm takes null as "delete the chart's default", and whether a provider passes
 * it on depends on its version.
 */
export interface HelmValues {
  [key: string]: HelmValue;
}

export type HelmValue = string | number | boolean | HelmValues | HelmValue[];
