import type { Problem } from "../policy/policy-input";
import { formatVersion, isAtLeast, parseVersion, type Version } from "../policy/version";
import { StorageKind } from "../policy/weights-loading";
import { Distribution } from "./platform/piece";
import type { PlatformReference } from "./platform-reference";
import { ServingBackend } from "./vllm-server-options";
import type { SourceKind, WeightsSource } from "./weights-source";
import { usesKServe } from "./workload";

/** What brings the weights of a source into the pods, and what that needs. */
interface SourceSupport {
  storage: StorageKind;
  /** Backends that can, with what each needs of the platform. */
  backends: Partial<Record<ServingBackend, Requirement>>;
  /** Why other backends cannot. */
  otherwise: string;
}

interface Requirement {
  kserve?: Version;
  kubernetes?: Version;
  distribution?: Distribution;
}

const anywhere = { backends: { kserve: {}, deployment: {} }, otherwise: "" };
const fetchedByKServe = "KServe's storage initializer fetches it";
/** Image volumes are switched on by default (kubernetes/enhancements, KEP-4639). */
const imageVolumes: Version = [1, 35, 0];

/** kserve/kserve, `SupportedStorageURIPrefixList` and `storage_initializer_injector.go`. */
const support: Readonly<Record<SourceKind, SourceSupport>> = {
  nfs: { storage: StorageKind.Network, ...anywhere },
  existingClaim: { storage: StorageKind.Network, ...anywhere },
  modelImage: {
    storage: StorageKind.Image,
    backends: { kserve: {}, deployment: { kubernetes: imageVolumes } },
    otherwise: "",
  },
  huggingFace: { storage: StorageKind.Fetched, backends: { kserve: {} }, otherwise: fetchedByKServe },
  s3: { storage: StorageKind.Fetched, backends: { kserve: {} }, otherwise: fetchedByKServe },
  connection: {
    storage: StorageKind.Fetched,
    backends: { kserve: { distribution: Distribution.OpenShift } },
    otherwise: "OpenShift AI writes it into an InferenceService",
  },
  localModel: {
    storage: StorageKind.Local,
    backends: { kserve: {} },
    otherwise: "KServe's local model cache mounts it into the pods of an InferenceService",
  },
};

/** Parts of a source that came later than the source. */
const laterParts: readonly { path: string; given: (weights: WeightsSource<unknown>) => boolean; needs: Requirement }[] =
  [
    {
      path: "modelImage.native",
      given: ({ modelImage }) => modelImage?.native === true,
      // kserve/kserve, `OciNativeURIPrefix`.
      needs: { kserve: [0, 20, 0], kubernetes: imageVolumes },
    },
    {
      path: "localModel.serviceAccountName",
      given: ({ localModel }) => localModel?.serviceAccountName !== undefined,
      // kserve/kserve, `LocalModelCacheSpec`.
      needs: { kserve: [0, 18, 0] },
    },
  ];

/** Where replicas read weights of this kind from. */
export function storageOf(kind: SourceKind): StorageKind {
  return support[kind].storage;
}

/** What is wrong between a source, the backend and the platform. */
export function supportProblems<S>(
  kind: SourceKind,
  weights: WeightsSource<S>,
  backend: ServingBackend | undefined,
  platform: PlatformReference,
): Problem[] {
  const chosen = usesKServe({ backend }) ? ServingBackend.KServe : ServingBackend.Deployment;
  const { backends, otherwise } = support[kind];
  const requirement = backends[chosen];
  if (requirement === undefined) {
    return [
      {
        path: `weights.${kind}`,
        message: `does not go with the backend "${chosen}": ${otherwise}. Take the backend "${ServingBackend.KServe}", or weights on nfs with a download.`,
      },
    ];
  }
  return [
    ...requirementProblems(`weights.${kind}`, requirement, platform),
    ...(chosen === ServingBackend.KServe
      ? laterParts.flatMap(({ path, given, needs }) =>
          given(weights) ? requirementProblems(`weights.${path}`, needs, platform) : [],
        )
      : []),
  ];
}

function requirementProblems(path: string, needs: Requirement, platform: PlatformReference): Problem[] {
  return [
    ...versionProblem(path, "KServe", needs.kserve, platform.kserveVersion),
    ...versionProblem(path, "Kubernetes", needs.kubernetes, platform.kubernetesVersion),
    ...(needs.distribution === undefined || needs.distribution === platform.distribution
      ? []
      : [
          {
            path,
            message: `is only known to OpenShift AI and Open Data Hub, but the platform's distribution is "${platform.distribution}". Give the source itself, e.g. s3 or huggingFace.`,
          },
        ]),
  ];
}

function versionProblem(path: string, what: string, needed: Version | undefined, version: string): Problem[] {
  const parsed = parseVersion(version);
  return needed === undefined || parsed === undefined || isAtLeast(parsed, needed)
    ? []
    : [
        {
          path,
          message: `needs ${what} ${formatVersion(needed)} or newer, but the platform has ${version}. Update it, or take another source.`,
        },
      ];
}
