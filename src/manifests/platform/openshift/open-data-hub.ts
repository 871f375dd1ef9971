import type { Problem } from "../../../policy/policy-input";
import { parseVersion } from "../../../policy/version";
import { versions } from "../../../versions";
import { versionProblems } from "../../problems";
import { type OperatorInstallation, operatorInstallation } from "../operator";
import { Distribution, PieceMode, type PlatformPiece } from "../piece";
import type { ReadyObject } from "../readiness";
import { type DashboardProfile, dashboardProfile, profileProblems } from "./dashboard-profiles";

/** Who ships KServe on OpenShift. */
export const KServeProduct = { OpenShiftAi: "openShiftAi", OpenDataHub: "openDataHub" } as const;
export type KServeProduct = (typeof KServeProduct)[keyof typeof KServeProduct];

/** Which product brings KServe on OpenShift, and how it serves. */
export interface OpenDataHubSettings {
  /** On OpenShift: what brings KServe. @default `openShiftAi` */
  product?: KServeProduct;
  /** On OpenShift: version of the product, which decides how its resources are spelt. @default the pinned version of `versions.ts` */
  productVersion?: string | undefined;
  /**
   * On OpenShift: OpenShift AI 2 or Open Data Hub 2 serves through Knative too. Of a product that is installed or adopted it is switched
   * on: from the operators of the pieces `knative` and `serviceMesh` it makes Knative Serving and its mesh, unless they exist. Say it of
   * one that exists too, or its models may not scale by Knative. Since 3 there are plain Deployments only.
   * @default false
   */
  serverless?: boolean | undefined;
  /** On OpenShift: hardware that the dashboard offers, whoever owns the product. @default none */
  profiles?: DashboardProfile[] | undefined;
}

/** Modes of what serving through Knative needs. The product leaves alone what exists, and makes what is installed or adopted. */
export interface ServerlessModes {
  knativeMode?: string | undefined;
  serviceMeshMode?: string | undefined;
}

type OpenDataHub = OpenDataHubSettings & PlatformPiece & ServerlessModes;

interface Product {
  package: string;
  catalog: string;
  /** Namespace of the operator. */
  operatorNamespace: string;
  applicationsNamespace: string;
  monitoringNamespace: string;
  version: string;
  /** Channel of a version. */
  channel(major: number, minor: number): string;
}

const products: Record<KServeProduct, Product> = {
  openShiftAi: {
    package: "rhods-operator",
    catalog: "redhat-operators",
    operatorNamespace: "redhat-ods-operator",
    applicationsNamespace: "redhat-ods-applications",
    monitoringNamespace: "redhat-ods-monitoring",
    version: versions.openShiftAi,
    channel: (major, minor) => (major < 3 ? `stable-${major}.${minor}` : "stable-3.x"),
  },
  openDataHub: {
    package: "opendatahub-operator",
    catalog: "community-operators",
    operatorNamespace: "opendatahub-operator-system",
    applicationsNamespace: "opendatahub",
    monitoringNamespace: "opendatahub",
    version: versions.openDataHub,
    channel: () => "fast",
  },
};

/** What is spelt differently by generation of the product, oldest first. */
const generations = [
  // What KServe 0.15 is written for, later ones take too, so this is right for every release of version 2.
  { since: 2, apiVersion: "v1", hasServerless: true, kserve: "0.15.0" },
  { since: 3, apiVersion: "v2", hasServerless: false, kserve: versions.openDataHubKServe },
] as const;

function productOf({ product = KServeProduct.OpenShiftAi }: OpenDataHub): Product {
  return products[product];
}

/** Namespace of KServe's controller and its ConfigMap. */
export function applicationsNamespace(given: OpenDataHub): string {
  return given.namespace ?? productOf(given).applicationsNamespace;
}

/** Version of the product. */
export function openDataHubVersion(given: OpenDataHub = {}): string {
  return given.productVersion ?? productOf(given).version;
}

function versionOf(given: OpenDataHub): readonly [number, number, number] {
  return parseVersion(openDataHubVersion(given)) ?? [0, 0, 0];
}

function generationOf(given: OpenDataHub) {
  const [major] = versionOf(given);
  return generations.findLast(({ since }) => major >= since);
}

/** KServe's own version inside the product. */
export function openDataHubKServe(given: OpenDataHub = {}): string {
  return given.version ?? generationOf(given)?.kserve ?? versions.openDataHubKServe;
}

export function openDataHubProblems(distribution: Distribution, given: OpenDataHub, prefix: string): Problem[] {
  if (distribution !== Distribution.OpenShift) {
    const settings = (["product", "productVersion", "serverless", "profiles"] as const).filter(
      (name) => given[name] !== undefined,
    );
    return settings.map((name) => ({
      path: `${prefix}${name}`,
      message: "is given, but it is OpenShift's: leave it out.",
    }));
  }
  const problems = versionProblems(`${prefix}productVersion`, given.productVersion, productOf(given).version);
  if (problems.length > 0) return problems;
  const generation = generationOf(given);
  if (generation === undefined) {
    return [
      { path: `${prefix}productVersion`, message: `is ${given.productVersion}; the oldest one supported is 2.0.0.` },
    ];
  }
  return [
    ...generationProblems(given, generation.hasServerless, prefix),
    ...profileProblems(`${prefix}profiles`, given.profiles ?? [], profileTarget(given)),
    ...(given.mode === PieceMode.None && given.profiles !== undefined
      ? [{ path: `${prefix}profiles`, message: `is given, but with mode "${given.mode}" nothing would read them.` }]
      : []),
  ];
}

function profileTarget(given: OpenDataHub) {
  return { version: versionOf(given), applicationsNamespace: applicationsNamespace(given) };
}

/** The profiles that the dashboard offers. */
export function dashboardProfiles(given: OpenDataHub) {
  return (given.profiles ?? []).map((profile) => dashboardProfile(profile, profileTarget(given)));
}

function generationProblems(given: OpenDataHub, hasServerless: boolean, prefix: string): Problem[] {
  return given.serverless === true && !hasServerless
    ? [
        {
          path: `${prefix}serverless`,
          message: `is true, but ${versionOf(given).join(".")} serves with plain Deployments only. Leave it out, or take a version before 3.0.0.`,
        },
      ]
    : [];
}

export function openDataHubOperator(given: OpenDataHub): OperatorInstallation {
  const product = productOf(given);
  const [major, minor] = versionOf(given);
  return operatorInstallation(
    {
      package: product.package,
      namespace: product.operatorNamespace,
      channel: product.channel(major, minor),
      catalog: product.catalog,
      targetNamespaces: undefined,
    },
    given.operator,
  );
}

const ready = { "pulumi.com/waitFor": "jsonpath={.status.phase}=Ready" };

/**
 * Where the product works. Its operator makes one by itself when it starts, so this is always a patch. Of one that is adopted only what
 * models rely on is written: the namespace, which cannot be changed, so that another one is refused; and the mesh that Knative needs.
 */
export function dscInitialization(given: OpenDataHub) {
  const { apiVersion = "v2", hasServerless = false } = generationOf(given) ?? {};
  return {
    apiVersion: `dscinitialization.opendatahub.io/${apiVersion}`,
    kind: "DSCInitialization",
    metadata: { name: "default-dsci", annotations: ready },
    spec: {
      applicationsNamespace: applicationsNamespace(given),
      ...(given.mode === PieceMode.Adopt
        ? neededMesh(given)
        : {
            monitoring: { managementState: "Managed", namespace: productOf(given).monitoringNamespace },
            trustedCABundle: { managementState: "Managed" },
            ...(hasServerless ? { serviceMesh: serviceMesh(given) } : {}),
          }),
    },
  };
}

const made = "Managed";

/** Who makes something: the product, unless it exists. */
function stateOf(mode: string | undefined): string {
  return mode === PieceMode.Existing ? "Unmanaged" : made;
}

function neededMesh({ serverless = false, serviceMeshMode }: OpenDataHub) {
  return serverless && stateOf(serviceMeshMode) === made ? { serviceMesh: { managementState: made } } : {};
}

function serviceMesh({ serverless = false, serviceMeshMode }: OpenDataHub) {
  return serverless
    ? {
        managementState: stateOf(serviceMeshMode),
        controlPlane: { name: "data-science-smcp", namespace: "istio-system", metricsCollection: "Istio" },
      }
    : { managementState: "Removed" };
}

/**
 * The product's parts: KServe and the dashboard that shows its models; what is not named is not installed. Of one that is adopted only
 * KServe is switched on, whatever it was before.
 */
export function dataScienceCluster(given: OpenDataHub) {
  const { apiVersion = "v2", hasServerless = false } = generationOf(given) ?? {};
  return {
    apiVersion: `datasciencecluster.opendatahub.io/${apiVersion}`,
    kind: "DataScienceCluster",
    metadata: { name: "default-dsc", annotations: ready },
    spec: {
      components:
        given.mode === PieceMode.Adopt
          ? { kserve: { managementState: "Managed", ...neededServing(given) } }
          : {
              dashboard: { managementState: "Managed" },
              kserve: {
                managementState: "Managed",
                // A headed Service translates ports, so that clients may use KServe's port 80.
                rawDeploymentServiceConfig: "Headed",
                ...(hasServerless ? serverlessMode(given) : {}),
              },
            },
    },
  };
}

function neededServing({ serverless = false, knativeMode }: OpenDataHub) {
  return serverless && stateOf(knativeMode) === made ? { serving: { managementState: made } } : {};
}

function serverlessMode({ serverless = false, knativeMode }: OpenDataHub) {
  return serverless
    ? {
        defaultDeploymentMode: "Serverless",
        serving: {
          managementState: stateOf(knativeMode),
          name: "knative-serving",
          ingressGateway: { certificate: { type: "OpenshiftDefaultIngress" } },
        },
      }
    : { defaultDeploymentMode: "RawDeployment", serving: { managementState: "Removed", name: "knative-serving" } };
}

/**
 * What KServe puts its finalizers on: without its controllers none of these serves or can be deleted. Their definitions stay, and with them
 * what only describes how to serve.
 */
export const servedKinds = [
  { apiVersion: "serving.kserve.io/v1beta1", kind: "InferenceService" },
  { apiVersion: "serving.kserve.io/v1alpha1", kind: "InferenceGraph" },
  ...["v1alpha1", "v1alpha2"].map((version) => ({
    apiVersion: `serving.kserve.io/${version}`,
    kind: "LLMInferenceService",
  })),
];

/** KServe takes InferenceServices when its controllers run, which hold the webhooks. */
export function kserveParts(given: OpenDataHub): ReadyObject[] {
  const namespace = applicationsNamespace(given);
  return [
    ...["kserve-controller-manager", "odh-model-controller"].map((name) => ({
      apiVersion: "apps/v1",
      kind: "Deployment",
      namespace,
      name,
      condition: "Available",
    })),
    { apiVersion: "v1", kind: "ConfigMap", namespace, name: "inferenceservice-config" },
  ];
}
