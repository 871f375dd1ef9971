import { type PlatformReference, PrometheusAuthentication } from "../manifests/platform-reference";
import { odhTriggerAuthentication, sharesAuthenticationOfOdh } from "../manifests/scaling-problems";
import type { ServedModelOptions } from "../manifests/served-model-options";
import type { ModelConfiguration } from "./schema";

/** A model's configuration as its component and its manifests take it. */
export function servedModelOptions(model: ModelConfiguration, platform: PlatformReference): ServedModelOptions {
  const { name: _, ...options } = model;
  const authentication = Object.values(PrometheusAuthentication).find(
    (known) => known === platform.prometheusAuthentication,
  );
  return {
    ...options,
    ...(authentication === undefined ? {} : { prometheusAuthentication: authentication }),
    ...(usesAuthenticationOfOpenShiftAi(model, platform)
      ? { prometheusTriggerAuthentication: odhTriggerAuthentication }
      : {}),
  };
}

/** With KServe's own ScaledObject, OpenShift AI makes the TriggerAuthentication. */
function usesAuthenticationOfOpenShiftAi(model: ModelConfiguration, platform: PlatformReference): boolean {
  return (
    model.scaling?.kserveKeda !== undefined &&
    model.prometheusTriggerAuthentication === undefined &&
    sharesAuthenticationOfOdh(platform)
  );
}
