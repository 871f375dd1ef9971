import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import {
  type Distribution,
  isManaged,
  PieceMode,
  type PieceName,
  pieceDefinitions,
} from "../../manifests/platform/piece";
import type { Problem } from "../../policy/policy-input";
import { childOptions } from "../child-options";

/** Where a piece is, and how it is reached. */
export interface PieceTarget {
  distribution: Distribution;
  /**
   * Kubeconfig of the cluster, the one that the Kubernetes provider has. Waiting for what operators make, and changing parts of
   * what others own, is done beside that provider, which does not give its credentials away.
   * @default the ambient one: `KUBECONFIG`, the home directory's, or the pod's own
   */
  kubeconfig?: pulumi.Input<string> | undefined;
  /**
   * Read what an existing piece brings and fail if it is missing. Needs a cluster, so a preview without one sets it to false.
   * @default true
   */
  check?: boolean | undefined;
}

/** What is wrong with how the cluster is reached. */
export function targetProblems(
  { kubeconfig }: PieceTarget,
  modes: readonly string[],
  opts: pulumi.ComponentResourceOptions | undefined,
): Problem[] {
  const explicit = opts?.provider !== undefined || opts?.providers !== undefined;
  return explicit && kubeconfig === undefined && modes.some(isManaged)
    ? [
        {
          path: "kubeconfig",
          message:
            "is missing, although a provider is given: waiting for the cluster is done beside it and would go to the ambient cluster. Pass the provider's kubeconfig.",
        },
      ]
    : [];
}

/** What an installer is given. */
export interface PieceBuild {
  name: string;
  /** Take over what is there, and never remove it. */
  adopt: boolean;
  kubeconfig: pulumi.Input<string> | undefined;
  /** Says in a preview what the product's documentation says against a choice. */
  warn(message: string): void;
  /** Options of a child that waits for some others. */
  child(dependsOn?: pulumi.Resource[], own?: pulumi.CustomResourceOptions): pulumi.CustomResourceOptions;
}

/** What an installer has made. */
export interface BuiltPiece {
  /** Whoever uses the piece waits for these. */
  ready: pulumi.Resource[];
  /** What destroy leaves in the cluster, and why; a line each. */
  kept: string[];
}

/** One a distribution; this is the one place that asks for it. */
export type Installers = Record<Distribution, ((build: PieceBuild) => BuiltPiece) | undefined>;

/** Makes, takes over or checks a piece, as its mode says. */
export function buildPiece(
  piece: PieceName,
  self: { component: pulumi.Resource; name: string; opts: pulumi.ComponentResourceOptions | undefined },
  args: PieceTarget & { mode: string; retainOnDelete?: boolean | undefined },
  installers: Installers,
  existing: readonly ExistingObject[] = [],
): BuiltPiece {
  const child: PieceBuild["child"] = (dependsOn = [], own = {}) =>
    childOptions(self.component, self.opts, pulumi.mergeOptions({ dependsOn, ...retained(args) }, own));
  if (isManaged(args.mode)) {
    const install = installers[args.distribution];
    if (install === undefined) {
      throw new pulumi.RunError(`${piece} cannot be installed on ${args.distribution}.`);
    }
    const warn = (message: string) => void pulumi.log.warn(message, self.component);
    const adopt = args.mode === PieceMode.Adopt;
    const built = install({ name: self.name, adopt, kubeconfig: args.kubeconfig, warn, child });
    const whole = [
      ...(adopt ? [`What was there of ${piece}: it was adopted, not made.`] : []),
      ...(args.retainOnDelete === true ? [`All that was made of ${piece}: it has retainOnDelete.`] : []),
    ];
    return { ...built, kept: [...whole, ...built.kept] };
  }
  if (args.mode === PieceMode.None || args.check === false) {
    return { ready: [], kept: [] };
  }
  const definitions = pieceDefinitions[piece].map((id) =>
    k8s.apiextensions.v1.CustomResourceDefinition.get(`${self.name}-${id}`, id, child()),
  );
  return { ready: [...definitions, ...existing.map((read) => read(child()))], kept: [] };
}

/** Options of a child of a piece that stays. */
export function retained({ retainOnDelete }: { retainOnDelete?: boolean | undefined }): pulumi.CustomResourceOptions {
  return retainOnDelete === true ? { retainOnDelete } : {};
}

/** Reads an object that an existing piece has. */
export type ExistingObject = (opts: pulumi.CustomResourceOptions) => pulumi.Resource;

/** `value`, for those who wait for the resources: unlike their other outputs, a URN is known at preview. */
export function afterAll<T>(resources: readonly pulumi.Resource[], value: T): pulumi.Output<T> {
  return pulumi.all(resources.map(({ urn }) => urn)).apply(() => value);
}
