import type { VllmServerSettings } from "./vllm-server-options";

/** By this label OpenShift AI's dashboard lists an object. */
export function dashboardLabels({ dashboard }: VllmServerSettings): Record<string, string> {
  return dashboard === undefined ? {} : { "opendatahub.io/dashboard": "true" };
}

/** Of the InferenceService. */
export function dashboardAnnotations({ dashboard }: VllmServerSettings): Record<string, string> {
  const profile = dashboard?.hardwareProfile;
  return {
    ...displayName(dashboard?.displayName),
    ...(profile === undefined ? {} : { "opendatahub.io/hardware-profile-name": profile.name }),
    ...(profile?.namespace === undefined ? {} : { "opendatahub.io/hardware-profile-namespace": profile.namespace }),
  };
}

/** Of the ServingRuntime, where the dashboard looks for an AcceleratorProfile. */
export function runtimeAnnotations({ dashboard }: VllmServerSettings): Record<string, string> {
  const profile = dashboard?.acceleratorProfile;
  return {
    ...displayName(dashboard?.displayName),
    ...(profile === undefined ? {} : { "opendatahub.io/accelerator-name": profile }),
  };
}

function displayName(name: string | undefined): Record<string, string> {
  return name === undefined ? {} : { "openshift.io/display-name": name };
}
