import * as pulumi from "@pulumi/pulumi";
import { namespace } from "../../manifests/namespace";
import { CertManagerInstaller, certManagerProblems, certManagerRelease } from "../../manifests/platform/cert-manager";
import { defaultModes } from "../../manifests/platform/piece";
import { versions } from "../../versions";
import { refuse } from "../arguments";
import type { CertManagerArgs } from "./cert-manager-args";
import { installRelease, ownNamespace, releaseArgs } from "./helm-release";
import { redHatCertManager } from "./openshift/cert-manager";
import { afterAll, type BuiltPiece, buildPiece, type PieceBuild, targetProblems } from "./piece";

/** cert-manager, whose certificates the webhooks of others use. */
export class CertManager extends pulumi.ComponentResource {
  /** What destroy leaves in the cluster, a line each. */
  readonly kept: pulumi.Output<string[]>;

  constructor(name: string, args: CertManagerArgs, opts?: pulumi.ComponentResourceOptions) {
    const mode = args.mode ?? defaultModes.certManager;
    refuse("CertManager", name, [
      ...certManagerProblems(args.distribution, args, ""),
      ...targetProblems(args, [mode], opts),
    ]);
    super("vllm-serving:index:CertManager", name, {}, opts);

    const { ready, kept } = buildPiece(
      "certManager",
      { component: this, name, opts },
      { ...args, mode },
      { kubernetes: (build) => chart(build, args), openshift: (build) => redHatCertManager(build, args) },
    );
    this.kept = afterAll(ready, kept);
    this.registerOutputs({ kept: this.kept });
  }
}

function chart(build: PieceBuild, args: CertManagerArgs): BuiltPiece {
  const install = args.installer === CertManagerInstaller.Component ? upstreamComponent : installRelease;
  return {
    ready: [install(build, certManagerRelease(args))],
    kept: ["The custom resource definitions of cert-manager, with all certificates and issuers: its chart keeps them."],
  };
}

/**
 * Pulumi's component, as its npm package `@pulumi/kubernetes-cert-manager` registers it, less everything but `helmOptions`: its other
 * arguments are those of an older chart, which today's refuses, even unset. Without the package nobody gets the plugin who does not
 * use it; Pulumi looks for the plugins of all packages that are installed.
 */
class PulumiCertManager extends pulumi.ComponentResource {
  constructor(name: string, helmOptions: ReturnType<typeof releaseArgs>, opts: pulumi.ComponentResourceOptions) {
    const plugin = { version: versions.certManagerPlugin };
    super("kubernetes-cert-manager:index:CertManager", name, { helmOptions }, pulumi.mergeOptions(plugin, opts), true);
  }
}

function upstreamComponent(build: PieceBuild, release: ReturnType<typeof certManagerRelease>): pulumi.Resource {
  return new PulumiCertManager(
    `${build.name}-component`,
    releaseArgs(release),
    build.child(ownNamespace(build, namespace(release.namespace))),
  );
}
