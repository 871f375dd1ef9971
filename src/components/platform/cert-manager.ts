import * as pulumi from "@pulumi/pulumi";
import { namespace } from "../../manifests/namespace";
import { CertManagerInstaller, certManagerProblems, certManagerRelease } from "../../manifests/platform/cert-manager";
import { defaultModes } from "../../manifests/platform/piece";
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

/** Only `helmOptions`: the component's other arguments are those of an older chart, which today's refuses. */
function upstreamComponent(build: PieceBuild, release: ReturnType<typeof certManagerRelease>): pulumi.Resource {
  const { CertManager: Upstream } = upstreamPackage();
  return new Upstream(
    `${build.name}-component`,
    { helmOptions: releaseArgs(release) },
    build.child(ownNamespace(build, namespace(release.namespace))),
  );
}

/** Loaded when it is used: whoever does without it needs neither the package nor its plugin. */
function upstreamPackage(): typeof import("@pulumi/kubernetes-cert-manager") {
  try {
    return require("@pulumi/kubernetes-cert-manager");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "MODULE_NOT_FOUND")) throw error;
    throw new pulumi.RunError(
      'installer "component" needs the package @pulumi/kubernetes-cert-manager: install it with npm, or use installer "release".',
    );
  }
}
