import * as pulumi from "@pulumi/pulumi";
import { namespace } from "../../manifests/namespace";
import {
  httpAddOnKinds,
  httpAddOnNamespace,
  httpAddOnProblems,
  httpAddOnRelease,
} from "../../manifests/platform/http-add-on";
import { resolveKeda } from "../../manifests/platform/keda";
import { platformWarnings } from "../../manifests/platform/openshift/support";
import { defaultModes } from "../../manifests/platform/piece";
import { refuse } from "../arguments";
import { guard } from "./guard";
import { helmRelease, ownNamespace } from "./helm-release";
import type { KedaHttpAddonArgs } from "./keda-http-addon-args";
import { afterAll, type BuiltPiece, buildPiece, type PieceBuild, targetProblems } from "./piece";

/** KEDA's HTTP add-on, which holds requests while a model starts from zero. */
export class KedaHttpAddon extends pulumi.ComponentResource {
  /** Namespace of the add-on, once it runs. */
  readonly namespace: pulumi.Output<string>;
  /** What destroy leaves in the cluster, a line each. */
  readonly kept: pulumi.Output<string[]>;

  constructor(name: string, args: KedaHttpAddonArgs, opts?: pulumi.ComponentResourceOptions) {
    const mode = args.mode ?? defaultModes.kedaHttpAddon;
    refuse("KedaHttpAddon", name, [
      ...httpAddOnProblems(args.distribution, args, ""),
      ...targetProblems(args, [mode], opts),
    ]);
    super("vllm-serving:index:KedaHttpAddon", name, {}, opts);

    for (const warning of platformWarnings({ distribution: args.distribution, kedaHttpAddon: { mode } })) {
      void pulumi.log.warn(warning, this);
    }
    const install = (build: PieceBuild) => release(build, args);
    const { ready, kept } = buildPiece(
      "kedaHttpAddon",
      { component: this, name, opts },
      { ...args, mode },
      { kubernetes: install, openshift: install },
    );
    this.namespace = afterAll(ready, httpAddOnNamespace(args.distribution, args, args.kedaNamespace));
    this.kept = afterAll(ready, kept);
    this.registerOutputs({ namespace: this.namespace, kept: this.kept });
  }
}

/** KEDA's namespace is there; any other one is made. */
function release(build: PieceBuild, args: KedaHttpAddonArgs): BuiltPiece {
  const { distribution, kedaNamespace = resolveKeda(args.distribution).namespace } = args;
  const target = httpAddOnNamespace(distribution, args, kedaNamespace);
  const before = target === kedaNamespace ? [] : ownNamespace(build, namespace(target));
  const made = [helmRelease(build, "release", httpAddOnRelease(distribution, args, target), before)];
  return { ready: [...made, ...guard(build, httpAddOnKinds, made)], kept: [] };
}
