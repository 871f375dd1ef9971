import type { Problem } from "../../../policy/policy-input";
import { channels } from "../../../versions";
import { wholeNumberProblems } from "../../problems";
import { type PlatformKnative, servingForModels } from "../knative";
import { type OperatorInstallation, operatorInstallation } from "../operator";
import { isManaged, type OperatorSource, PieceMode, type PieceName } from "../piece";

export function serverlessOperator(source: OperatorSource | undefined): OperatorInstallation {
  return operatorInstallation(
    {
      package: "serverless-operator",
      namespace: "openshift-serverless",
      channel: channels.serverless,
      catalog: "redhat-operators",
      targetNamespaces: undefined,
    },
    source,
  );
}

/** Version and gateway are the operator's: it takes its own Kourier, and in OpenShift AI 2 the gateways of the mesh. */
export function serverlessServing(given: PlatformKnative) {
  return servingForModels(given);
}

/** Service Mesh 2. */
export function serviceMeshOperator(source: OperatorSource | undefined): OperatorInstallation {
  return clusterOperator({ package: "servicemeshoperator", channel: channels.serviceMesh }, source);
}

export function authorinoOperator(source: OperatorSource | undefined): OperatorInstallation {
  return clusterOperator({ package: "authorino-operator", channel: channels.authorino }, source);
}

/** One in the namespace that has an OperatorGroup for all namespaces on every cluster. */
function clusterOperator(operator: { package: string; channel: string }, source: OperatorSource | undefined) {
  return operatorInstallation(
    { ...operator, namespace: "openshift-operators", catalog: "redhat-operators", targetNamespaces: undefined },
    source,
  );
}

interface Serverless {
  kserve?: { mode?: string | undefined; serverless?: boolean | undefined } | undefined;
  knative?: PlatformKnative | undefined;
}

/** Whether OpenShift AI or Open Data Hub makes Knative Serving, and its mesh. */
export function madeByOpenDataHub({ kserve = {} }: Serverless, modes: Record<PieceName, string>): boolean {
  return kserve.serverless === true && isManaged(modes.kserve);
}

/**
 * What the pieces say of each other where OpenShift AI 2 serves through Knative. It makes Knative Serving only together with the mesh
 * (opendatahub-operator 2.33, `checkPreConditions` of its component KServe), from operators that must be there.
 */
export function serverlessProblems(given: Serverless, modes: Record<PieceName, string>): Problem[] {
  return madeByOpenDataHub(given, modes) ? madeProblems(given, modes) : unusedProblems(given, modes);
}

function madeProblems({ knative = {} }: Serverless, modes: Record<PieceName, string>): Problem[] {
  const missing = (piece: PieceName, what: string) =>
    modes[piece] === PieceMode.None
      ? [
          {
            path: `${piece}.mode`,
            message: `is "none", but kserve.serverless needs ${what}: take "install", "adopt" where its operator is there, or "existing" where all of it is.`,
          },
        ]
      : [];
  return [
    ...missing("knative", "OpenShift Serverless, from which OpenShift AI makes Knative Serving"),
    ...missing("serviceMesh", "Service Mesh 2, from which OpenShift AI makes the mesh in front of it"),
    ...(modes.serviceMesh === PieceMode.Existing && isManaged(modes.knative)
      ? [
          {
            path: "serviceMesh.mode",
            message: meshExists(`knative.mode is "${modes.knative}"`, "knative.mode"),
          },
        ]
      : []),
    ...(isManaged(modes.knative) && knative.namespace !== undefined && knative.namespace !== servingNamespace
      ? [
          {
            path: "knative.namespace",
            message: `is "${knative.namespace}", but OpenShift AI makes Knative Serving in "${servingNamespace}": leave it out.`,
          },
        ]
      : []),
  ];
}

const servingNamespace = "knative-serving";

/** Modes of the other pieces, as `KServe` is told them where it stands alone. */
interface OtherModes {
  serverless?: boolean | undefined;
  knativeMode?: string | undefined;
  serviceMeshMode?: string | undefined;
  longestRequestSeconds?: number | undefined;
}

const otherSettings = ["knativeMode", "serviceMeshMode", "longestRequestSeconds"] as const;
const othersModes: readonly string[] = [PieceMode.Install, PieceMode.Adopt, PieceMode.Existing];

/** What is wrong with what a `KServe` of its own is told of the other pieces. */
export function serverlessModeProblems(given: OtherModes, mode: string): Problem[] {
  if (given.serverless !== true || !isManaged(mode)) {
    return otherSettings
      .filter((path) => given[path] !== undefined)
      .map((path) => ({
        path,
        message:
          "is given, but only an OpenShift AI that is installed or adopted with serverless uses it: leave it out.",
      }));
  }
  const unknown = (["knativeMode", "serviceMeshMode"] as const).flatMap((path) => {
    const value = given[path];
    return value === undefined || othersModes.includes(value)
      ? []
      : [{ path, message: `is "${value}"; take one of ${othersModes.join(", ")}.` }];
  });
  if (unknown.length > 0) return unknown;
  const { knativeMode = PieceMode.Install, serviceMeshMode } = given;
  return [
    ...wholeNumberProblems("longestRequestSeconds", given.longestRequestSeconds, 1),
    ...(serviceMeshMode === PieceMode.Existing && isManaged(knativeMode)
      ? [{ path: "serviceMeshMode", message: meshExists(`knativeMode is "${knativeMode}"`, "knativeMode") }]
      : []),
  ];
}

/** @param otherwise What says that Knative Serving is made. @param setting Where its mode is said. */
function meshExists(otherwise: string, setting: string): string {
  return `is "existing", but ${otherwise}: OpenShift AI makes Knative Serving only in a mesh that it makes too. Take "adopt" where the mesh's operator is there, or ${setting} "existing".`;
}

function unusedProblems({ kserve = {} }: Serverless, modes: Record<PieceName, string>): Problem[] {
  const unused = (["serviceMesh", "authorino"] as const)
    .filter((piece) => isManaged(modes[piece]))
    .map((piece) => ({
      path: `${piece}.mode`,
      message: `is "${modes[piece]}", but only an OpenShift AI that is installed or adopted with kserve.serverless uses it: leave it out.`,
    }));
  return kserve.serverless === true && isManaged(modes.knative)
    ? [
        ...unused,
        {
          path: "knative.mode",
          message: `is "${modes.knative}", but kserve.mode is "${modes.kserve}" with kserve.serverless: that OpenShift AI has its Knative already. Take "existing".`,
        },
      ]
    : unused;
}
