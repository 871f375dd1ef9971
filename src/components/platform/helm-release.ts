import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { namespace } from "../../manifests/namespace";
import type { HelmRelease } from "../../manifests/platform/helm-release";
import type { PieceBuild } from "./piece";

/** A Helm release in a namespace of its own. */
export function installRelease(build: PieceBuild, release: HelmRelease): k8s.helm.v3.Release {
  return helmRelease(build, "release", release, ownNamespace(build, namespace(release.namespace)));
}

/** The namespace of what is installed; what is adopted has its own. */
export function ownNamespace(build: PieceBuild, object: ReturnType<typeof namespace>): pulumi.Resource[] {
  return build.adopt ? [] : [new k8s.core.v1.Namespace(`${build.name}-namespace`, object, build.child())];
}

/** A Helm release, once it is ready. */
export function helmRelease(
  build: PieceBuild,
  suffix: string,
  release: HelmRelease,
  dependsOn: pulumi.Resource[],
): k8s.helm.v3.Release {
  const adopted = build.adopt ? { retainOnDelete: true, import: `${release.namespace}/${release.name}` } : {};
  return new k8s.helm.v3.Release(`${build.name}-${suffix}`, releaseArgs(release), build.child(dependsOn, adopted));
}

/**
 * A failed first install is removed again (`atomic`), so that its name is free for the next one. Helm waits until everything in it is
 * ready.
 */
export function releaseArgs({ repository, timeoutSeconds, ...chart }: HelmRelease) {
  return {
    ...chart,
    ...(repository === undefined ? {} : { repositoryOpts: { repo: repository } }),
    timeout: timeoutSeconds,
    atomic: true,
    cleanupOnFail: true,
  };
}
