import type { Problem } from "../policy/policy-input";
import { objectNameProblems } from "./naming";
import { gigabytesProblems, nfsProblems, sizeProblems, subPathProblems } from "./persistent-volume";
import type { PlatformReference } from "./platform-reference";
import type { ServingBackend } from "./vllm-server-options";
import { commitProblems, repositoryProblems } from "./weights-download";
import {
  ConnectionType,
  type DashboardConnection,
  type HuggingFaceModel,
  type LocalModel,
  type ModelImage,
  type S3Model,
  SourceKind,
  sourcesOf,
  type WeightsSource,
} from "./weights-source";
import { supportProblems } from "./weights-support";

/** What the weights must go with. */
interface WeightsContext {
  backend: ServingBackend | undefined;
  createNamespace: boolean | undefined;
}

/** Everything wrong with where the weights are, as far as it is known. */
export function weightsProblems<S>(
  weights: WeightsSource<S>,
  context: WeightsContext,
  platform: PlatformReference,
): Problem[] {
  const kinds = sourcesOf(weights);
  return [
    ...countProblems(kinds),
    ...namespaceProblems(weights, context),
    ...(weights.nfs === undefined ? [] : nfsProblems("weights.nfs", weights.nfs)),
    ...(weights.modelImage === undefined ? [] : imageProblems(weights.modelImage)),
    ...(weights.huggingFace === undefined ? [] : huggingFaceProblems(weights.huggingFace)),
    ...(weights.s3 === undefined ? [] : s3Problems(weights.s3)),
    ...(weights.connection === undefined ? [] : connectionProblems(weights.connection)),
    ...(weights.localModel === undefined ? [] : localModelProblems(weights.localModel)),
    ...subPathProblems("weights.subPath", weights.subPath),
    ...strayProblems(weights, kinds),
    ...sizeProblems("weights.size", weights.size),
    ...gigabytesProblems("weights.modelGigabytes", weights.modelGigabytes),
    ...bandwidthProblems("weights.bandwidthMegabytesPerSecond", weights.bandwidthMegabytesPerSecond),
    ...kinds.flatMap((kind) => supportProblems(kind, weights, context.backend, platform)),
  ];
}

function countProblems(kinds: readonly SourceKind[]): Problem[] {
  if (kinds.length === 1) {
    return [];
  }
  const said = kinds.length === 0 ? "none" : `${kinds.join(" and ")}`;
  return [
    {
      path: "weights",
      message: `must say where the weights are, by exactly one of ${Object.values(SourceKind).join(", ")}; there is ${said}.`,
    },
  ];
}

/** Blocks that name something of the model's namespace. */
function namespaceProblems<S>(weights: WeightsSource<S>, { createNamespace }: WeightsContext): Problem[] {
  const named = [
    ["weights.existingClaim", "claim", weights.existingClaim],
    ["weights.connection", "Secret", weights.connection],
    ["weights.nfs.download.tokenSecret", "Secret", weights.nfs?.download?.tokenSecret],
  ] as const;
  const found = createNamespace === true ? named.find(([, , value]) => value !== undefined) : undefined;
  return found === undefined
    ? []
    : [
        {
          path: "createNamespace",
          message: `is true, so the ${found[1]} of ${found[0]} cannot exist yet. Leave it out, or give the weights another way.`,
        },
      ];
}

/** Fields that the given source does not read. */
function strayProblems<S>(weights: WeightsSource<S>, kinds: readonly SourceKind[]): Problem[] {
  const volumes: readonly SourceKind[] = [SourceKind.Nfs, SourceKind.ExistingClaim];
  return weights.subPath !== undefined && kinds.length > 0 && !kinds.some((kind) => volumes.includes(kind))
    ? [{ path: "weights.subPath", message: "is a directory of nfs or existingClaim; leave it out." }]
    : [];
}

function imageProblems({ reference }: ModelImage): Problem[] {
  const path = "weights.modelImage.reference";
  if (reference.includes("://")) {
    return [{ path, message: `is "${reference}"; write the image's reference alone, without the scheme.` }];
  }
  return /^[\w.-]+(:\d+)?(\/[\w.-]+)+(:[\w.-]+)?(@sha256:[0-9a-f]{64})?$/.test(reference)
    ? []
    : [{ path, message: `is "${reference}"; write it as registry/path:tag or registry/path@sha256:….` }];
}

function huggingFaceProblems({ serviceAccountName, ...model }: HuggingFaceModel): Problem[] {
  return [
    // KServe takes no name without an owner (kserve/kserve, `_download_hf`).
    ...repositoryProblems("weights.huggingFace.repository", model.repository, { ownerNeeded: true }),
    ...commitProblems("weights.huggingFace.revision", model),
    ...optionalNameProblems("weights.huggingFace.serviceAccountName", serviceAccountName),
  ];
}

function s3Problems({ uri, serviceAccountName, storageKey }: S3Model): Problem[] {
  return [
    ...(/^s3:\/\/[a-z0-9][a-z0-9.-]+\/\S+$/.test(uri)
      ? []
      : [{ path: "weights.s3.uri", message: `is "${uri}"; write it as s3://bucket/path.` }]),
    ...optionalNameProblems("weights.s3.serviceAccountName", serviceAccountName),
    ...(serviceAccountName === undefined || storageKey === undefined
      ? []
      : [
          {
            path: "weights.s3",
            message: "has serviceAccountName and storageKey; keep the one that has the credentials.",
          },
        ]),
  ];
}

function connectionProblems({ name, type, path }: DashboardConnection): Problem[] {
  const known: readonly string[] = Object.values(ConnectionType);
  return [
    ...objectNameProblems("weights.connection.name", name),
    ...(known.includes(type)
      ? []
      : [{ path: "weights.connection.type", message: `is "${type}"; take one of ${known.join(", ")}.` }]),
    ...((type === ConnectionType.S3) === (path !== undefined)
      ? []
      : [
          {
            path: "weights.connection.path",
            message:
              type === ConnectionType.S3
                ? "is missing; say which folder of the bucket holds the model."
                : "is only read of a connection of type s3: a URI says all by itself. Leave it out.",
          },
        ]),
  ];
}

function localModelProblems({ sourceUri, nodeGroups, serviceAccountName }: LocalModel): Problem[] {
  return [
    ...(/^[a-z][a-z0-9+]*:\/\/\S+$/.test(sourceUri)
      ? []
      : [
          {
            path: "weights.localModel.sourceUri",
            message: `is "${sourceUri}"; write a URI that KServe can fetch, such as hf://owner/name:revision.`,
          },
        ]),
    ...(nodeGroups.length > 0
      ? nodeGroups.flatMap((group, index) => objectNameProblems(`weights.localModel.nodeGroups[${index}]`, group))
      : [
          {
            path: "weights.localModel.nodeGroups",
            message: "is empty; name the LocalModelNodeGroup of the GPU nodes.",
          },
        ]),
    ...optionalNameProblems("weights.localModel.serviceAccountName", serviceAccountName),
  ];
}

function optionalNameProblems(path: string, name: string | undefined): Problem[] {
  return name === undefined ? [] : objectNameProblems(path, name);
}

function bandwidthProblems(path: string, bandwidth: number | undefined): Problem[] {
  return bandwidth === undefined || (Number.isFinite(bandwidth) && bandwidth > 0)
    ? []
    : [{ path, message: `is ${bandwidth}; it must be above 0 megabytes a second.` }];
}
