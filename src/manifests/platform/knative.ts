import type { Problem } from "../../policy/policy-input";
import { versions } from "../../versions";
import { versionProblems, wholeNumberProblems } from "../problems";
import { chartOf, type HelmRelease } from "./helm-release";
import {
  type Distribution,
  defaultModes,
  PieceMode,
  type PlatformPiece,
  pieceProblems,
  settingsOfNothing,
} from "./piece";

/** Knative Serving, or OpenShift Serverless. `version` is Knative Serving's; on Kubernetes its operator's is `chart.version`. */
export interface PlatformKnative extends PlatformPiece {
  /**
   * Longest a request may take in seconds, generation and start included: what a revision gets that names no timeout, and the most it may
   * name. Of a Knative that exists, say what its `config-defaults` have as `max-revision-timeout-seconds`. Models whose requests may take
   * longer are refused.
   * @default 600, Knative's own limit
   */
  longestRequestSeconds?: number | undefined;
}

const knativeDefaults = { namespace: "knative-serving", longestRequestSeconds: 600 } as const;

/** Everything wrong with Knative by itself. */
export function knativeProblems(
  distribution: Distribution,
  given: PlatformKnative = {},
  prefix = "knative.",
): Problem[] {
  return [
    ...pieceProblems("knative", distribution, given, prefix),
    ...versionProblems(`${prefix}version`, given.version, versions.knativeServing),
    ...settingsOfNothing(given, ["longestRequestSeconds"], given.mode ?? defaultModes.knative, prefix),
    ...wholeNumberProblems(`${prefix}longestRequestSeconds`, given.longestRequestSeconds, 1),
  ];
}

/** Longest a request may take through Knative. */
export function longestKnativeRequest({ longestRequestSeconds }: PlatformKnative = {}): number {
  return longestRequestSeconds ?? knativeDefaults.longestRequestSeconds;
}

/**
 * What needs what is removed. Knative Serving's operator leaves its definitions (knative/operator, `common.Uninstall`), but no Service,
 * Route or DomainMapping answers any more, and without its controller none can be deleted. The operator's own definitions go with its
 * chart, and with them every KnativeServing and KnativeEventing of the cluster.
 */
export const knativeKinds = [
  { apiVersion: "serving.knative.dev/v1", kind: "Service" },
  // A Service makes these two; who made them without one has them by themselves.
  { apiVersion: "serving.knative.dev/v1", kind: "Configuration" },
  { apiVersion: "serving.knative.dev/v1", kind: "Route" },
  { apiVersion: "serving.knative.dev/v1beta1", kind: "DomainMapping" },
  { apiVersion: "operator.knative.dev/v1beta1", kind: "KnativeServing" },
  { apiVersion: "operator.knative.dev/v1beta1", kind: "KnativeEventing" },
];

/** What Knative Serving's operator leaves when it goes. */
export const knativeDefinitionsKept = "The custom resource definitions of Knative Serving: its operator leaves them.";

/** The chart of Knative's operator. It brings its definitions, and Helm removes them with it. */
export function knativeOperatorRelease(given: PlatformKnative): HelmRelease {
  return {
    name: "knative-operator",
    namespace: "knative-operator",
    ...chartOf(
      "knative-operator",
      { repository: "https://knative.github.io/operator", version: versions.knativeOperator },
      given.chart,
    ),
    values: {},
    timeoutSeconds: 600,
  };
}

/**
 * What models need of a Knative Serving, whoever installed it (knative/operator, `pkg/apis/operator/v1beta1`; keys of `config`: the
 * ConfigMaps `config-<key>` of `2-serving-core.yaml`).
 */
export function servingForModels(given: PlatformKnative) {
  const timeout = String(longestKnativeRequest(given));
  return {
    apiVersion: "operator.knative.dev/v1beta1",
    kind: "KnativeServing",
    metadata: {
      name: "knative-serving",
      namespace: given.namespace ?? knativeDefaults.namespace,
      annotations: { "pulumi.com/waitFor": "condition=Ready" },
    },
    spec: {
      config: {
        // An answer that is not streamed has its first byte at its end.
        defaults: {
          "max-revision-timeout-seconds": timeout,
          "revision-timeout-seconds": timeout,
          "revision-response-start-timeout-seconds": timeout,
        },
        // Off by default, and without them no pod comes on a GPU node, mounts its weights or shares compilations.
        features: {
          "kubernetes.podspec-nodeselector": "enabled",
          "kubernetes.podspec-tolerations": "enabled",
          "kubernetes.podspec-persistent-volume-claim": "enabled",
          "kubernetes.podspec-persistent-volume-write": "enabled",
        },
      },
    },
  };
}

/** Knative Serving with Kourier as its gateway, which needs no service mesh. Version and gateway of one that is adopted are its owner's. */
export function knativeServing(given: PlatformKnative) {
  const serving = servingForModels(given);
  if (given.mode === PieceMode.Adopt) {
    return serving;
  }
  return {
    ...serving,
    spec: {
      version: given.version ?? versions.knativeServing,
      ingress: { kourier: { enabled: true } },
      config: {
        // Istio's by default, whatever is enabled.
        network: { "ingress-class": "kourier.ingress.networking.knative.dev" },
        ...serving.spec.config,
      },
    },
  };
}
