import * as pulumi from "@pulumi/pulumi";
import { findModelMonitors } from "../../cluster/model-monitors";
import type { ModelMonitor } from "../../manifests/model-monitors";

/**
 * What scrapes models already, read from the cluster while the program runs, in a preview as in an update: so a preview shows whether
 * models make monitors of their own. A resource could tell only in the update.
 */
export function existingMonitors(
  kubeconfig: pulumi.Input<string>,
  resource: pulumi.Resource,
): pulumi.Output<ModelMonitor[]> {
  const found = pulumi.output(kubeconfig).apply(async (known) => {
    const { monitors, problem, denied } = await findModelMonitors(known);
    if (problem !== undefined) {
      await tell(problem, denied === true, resource);
    }
    for (const { kind, namespace, name, namespaces } of monitors) {
      const whose = namespaces === undefined ? "every namespace" : namespaces.join(", ");
      await pulumi.log.info(
        `${kind} ${namespace}/${name} scrapes the models of ${whose}: they make none of their own.`,
        resource,
      );
    }
    return monitors;
  });
  // Names of monitors say nothing of the credentials they were read with.
  return pulumi.unsecret(found);
}

/** In an update, a monitor of a model beside one that was not seen would double every sum. */
async function tell(problem: string, denied: boolean, resource: pulumi.Resource): Promise<void> {
  const text = `Whether a PodMonitor scrapes the models already is not known: ${problem}. Name it as prometheus.clusterPodMonitor, or set prometheus.detectMonitors to false.`;
  if (!denied && !pulumi.runtime.isDryRun()) {
    throw new pulumi.RunError(text);
  }
  await pulumi.log.warn(text, resource);
}
