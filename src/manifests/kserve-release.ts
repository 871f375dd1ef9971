import type { Problem } from "../policy/policy-input";
import { formatVersion, inForce, isAtLeast, parseVersion, type Since, type Version } from "../policy/version";
import { versions } from "../versions";
import { versionProblems } from "./problems";

/** What an InferenceService says differently from one KServe release to another. */
export interface KServeRelease {
  /** Value of `serving.kserve.io/deploymentMode` for plain Deployments. A running InferenceService must keep the meaning. */
  deploymentMode: string;
  /** The same for Knative Services. */
  knativeMode: string;
  /** What holds once a replica serves, in the words of `pulumi.com/waitFor`. */
  readiness: readonly string[];
}

/** True as soon as the Deployment is Available, which with one replica that may be unavailable is at once. */
export const accepted = "condition=Ready";
/** There is a ready pod: KServe leaves the count out while it is 0. */
const replicaReady = "jsonpath={.status.modelStatus.copies.totalCopies}";

/**
 * kserve/kserve, `pkg/constants/constants.go` (names of the modes: RawDeployment became Standard, and Serverless Knative, in 0.16) and
 * `pkg/apis/serving/v1beta1/inference_service_status.go` (`totalCopies` counts ready pods in 0.20, all pods in 0.15).
 */
const releases: readonly [Since<KServeRelease>, ...Since<KServeRelease>[]] = [
  { since: [0, 15, 0], value: { deploymentMode: "RawDeployment", knativeMode: "Serverless", readiness: [accepted] } },
  { since: [0, 16, 0], value: { deploymentMode: "Standard", knativeMode: "Knative", readiness: [accepted] } },
  {
    since: [0, 20, 0],
    value: { deploymentMode: "Standard", knativeMode: "Knative", readiness: [accepted, replicaReady] },
  },
];

const oldest: Version = releases[0].since;

/** How a KServe release wants it. A version that `kserveVersionProblems` refuses counts as the oldest. */
export function kserveRelease(version: string): KServeRelease {
  return inForce(releases, parseVersion(version) ?? oldest) ?? releases[0].value;
}

/** What is wrong with the version of KServe. */
export function kserveVersionProblems(path: string, version: string): Problem[] {
  const parsed = parseVersion(version);
  if (parsed === undefined) {
    return versionProblems(path, version, versions.kserve);
  }
  return isAtLeast(parsed, oldest)
    ? []
    : [
        {
          path,
          message: `is ${version}; the oldest one supported is ${formatVersion(oldest)}. Update KServe, or take the backend "deployment".`,
        },
      ];
}
