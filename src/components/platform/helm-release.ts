import * as k8s from "@pulumi/kubernetes";
import { namespace } from "../../manifests/namespace";
import type { HelmRelease } from "../../manifests/platform/helm-release";
import type { PieceBuild } from "./piece";

/**
 * A Helm release in a namespace of its own. A failed first install is removed again (`atomic`), so that its name is free for
 * the next one. Helm waits until everything in it is ready.
 */
export function installRelease(build: PieceBuild, release: HelmRelease): k8s.helm.v3.Release {
  const { repository, timeoutSeconds, ...chart } = release;
  const before = build.adopt
    ? []
    : [new k8s.core.v1.Namespace(`${build.name}-namespace`, namespace(release.namespace), build.child())];
  const adopted = build.adopt ? { retainOnDelete: true, import: `${release.namespace}/${release.name}` } : {};
  return new k8s.helm.v3.Release(
    `${build.name}-release`,
    {
      ...chart,
      ...(repository === undefined ? {} : { repositoryOpts: { repo: repository } }),
      timeout: timeoutSeconds,
      atomic: true,
      cleanupOnFail: true,
    },
    build.child(before, adopted),
  );
}
