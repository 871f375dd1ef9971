import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { execa } from "execa";
import { parse } from "yaml";
import { z } from "zod";

const olmModule = "github.com/operator-framework/api";

const definitionSchema = z.looseObject({ metadata: z.looseObject({ name: z.string() }) });
type Definition = z.infer<typeof definitionSchema>;

/** OLM's own definitions, from its module. */
export async function olmDefinitions(): Promise<Definition[]> {
  const cwd = resolve(__dirname, "../../modules/olm");
  await execa("go", ["mod", "download", olmModule], { cwd });
  const { stdout } = await execa("go", ["list", "-mod=readonly", "-m", "-f", "{{.Dir}}", olmModule], { cwd });
  const folder = join(stdout.trim(), "crds");
  return readdirSync(folder)
    .filter((file) => /_(clusterserviceversions|installplans|operatorgroups|subscriptions)\.yaml$/.test(file))
    .map((file) => definitionSchema.parse(parse(readFileSync(join(folder, file), "utf8"))));
}

const text = { type: "string" };
const flag = { type: "boolean" };
const number = { type: "integer" };
const open = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
const mapping = (properties: object, required: string[] = []) => ({
  type: "object",
  properties,
  ...(required.length > 0 ? { required } : {}),
});
const listOf = (items: object) => ({ type: "array", items });

const enabled = mapping({ enabled: flag });
const managed = (more: object = {}) =>
  mapping({ managementState: { type: "string", enum: ["Managed", "Unmanaged", "Removed"] }, ...more });
const toleration = mapping({ key: text, operator: text, value: text, effect: text, tolerationSeconds: number });

/** The fields that components write, as upstream's definitions have them; what is not here is refused by strict validation. */
const clusterPolicySpec = mapping(
  {
    operator: mapping({ use_ocp_driver_toolkit: flag }),
    daemonsets: mapping({
      tolerations: listOf(toleration),
      updateStrategy: { type: "string", enum: ["RollingUpdate", "OnDelete"] },
      rollingUpdate: mapping({ maxUnavailable: text }),
    }),
    cdi: enabled,
    driver: enabled,
    toolkit: enabled,
    devicePlugin: enabled,
    dcgm: enabled,
    dcgmExporter: mapping({ enabled: flag, serviceMonitor: enabled }),
    gfd: enabled,
    nodeStatusExporter: enabled,
    mig: mapping({ strategy: { type: "string", enum: ["none", "single", "mixed"] } }),
    migManager: enabled,
    sandboxWorkloads: enabled,
  },
  ["operator", "daemonsets", "driver", "toolkit", "devicePlugin", "dcgmExporter", "dcgm", "nodeStatusExporter", "gfd"],
);
const discoverySpec = mapping({
  operand: mapping({ servicePort: number, workerTolerations: listOf(toleration) }),
  workerConfig: mapping({ configData: text }, ["configData"]),
});
const kedaControllerSpec = mapping({
  watchNamespace: text,
  operator: mapping({ logLevel: text }),
  metricsServer: mapping({ logLevel: text }),
});
const initializationSpec = (more: object = {}) =>
  mapping({
    applicationsNamespace: text,
    monitoring: managed({ namespace: text }),
    trustedCABundle: managed({ customCABundle: text }),
    ...more,
  });
const componentsSpec = (kserve: object = {}) =>
  mapping({
    components: mapping({
      dashboard: managed(),
      workbenches: managed(),
      kserve: managed({ rawDeploymentServiceConfig: { type: "string", enum: ["Headless", "Headed"] }, ...kserve }),
    }),
  });
const meshSpec = managed({ controlPlane: mapping({ name: text, namespace: text, metricsCollection: text }) });
const servingSpec = managed({
  name: text,
  ingressGateway: mapping({ certificate: mapping({ type: text }) }),
});
const deploymentMode = { type: "string", enum: ["Serverless", "RawDeployment"] };

interface Kind {
  group: string;
  kind: string;
  plural: string;
  scope: "Namespaced" | "Cluster";
  /** Schema of `spec` by version; the last one is stored. */
  versions: Record<string, object>;
}

/** What the package of each operator brings. */
const kinds: Record<string, Kind[]> = {
  "openshift-custom-metrics-autoscaler-operator": [
    {
      group: "keda.sh",
      kind: "KedaController",
      plural: "kedacontrollers",
      scope: "Namespaced",
      versions: { v1alpha1: kedaControllerSpec },
    },
  ],
  nfd: [
    {
      group: "nfd.openshift.io",
      kind: "NodeFeatureDiscovery",
      plural: "nodefeaturediscoveries",
      scope: "Namespaced",
      versions: { v1: discoverySpec },
    },
  ],
  "gpu-operator-certified": [
    {
      group: "nvidia.com",
      kind: "ClusterPolicy",
      plural: "clusterpolicies",
      scope: "Cluster",
      versions: { v1: clusterPolicySpec },
    },
  ],
  "serverless-operator": [
    {
      group: "operator.knative.dev",
      kind: "KnativeServing",
      plural: "knativeservings",
      scope: "Namespaced",
      versions: { v1beta1: open },
    },
  ],
  servicemeshoperator: [
    {
      group: "maistra.io",
      kind: "ServiceMeshControlPlane",
      plural: "servicemeshcontrolplanes",
      scope: "Namespaced",
      versions: { v2: open },
    },
  ],
  "authorino-operator": [
    {
      group: "operator.authorino.kuadrant.io",
      kind: "Authorino",
      plural: "authorinos",
      scope: "Namespaced",
      versions: { v1beta1: open },
    },
  ],
};

/** Of OpenShift AI and Open Data Hub: version 2 has v1 alone, 3 both. */
function openDataHubKinds(generation: 2 | 3): Kind[] {
  const initialization = { v1: initializationSpec({ serviceMesh: meshSpec }), v2: initializationSpec() };
  const cluster = {
    v1: componentsSpec({ defaultDeploymentMode: deploymentMode, serving: servingSpec }),
    v2: componentsSpec(),
  };
  return [
    {
      group: "dscinitialization.opendatahub.io",
      kind: "DSCInitialization",
      plural: "dscinitializations",
      scope: "Cluster",
      versions: generation === 2 ? { v1: initialization.v1 } : initialization,
    },
    {
      group: "datasciencecluster.opendatahub.io",
      kind: "DataScienceCluster",
      plural: "datascienceclusters",
      scope: "Cluster",
      versions: generation === 2 ? { v1: cluster.v1 } : cluster,
    },
  ];
}

/** Generation of the product that an operator installs, if it is one of those. */
export function generationOf(packageName: string, channelAndVersion: string): 2 | 3 | undefined {
  if (!["rhods-operator", "opendatahub-operator"].includes(packageName)) return undefined;
  return /stable-2|\.v2\./.test(channelAndVersion) ? 2 : 3;
}

/** Definitions that an operator brings, and that are not in the cluster before it runs. */
export function operatorDefinitions(packageName: string, channelAndVersion: string): Definition[] {
  const generation = generationOf(packageName, channelAndVersion);
  return (generation === undefined ? (kinds[packageName] ?? []) : openDataHubKinds(generation)).map(
    ({ group, kind, plural, scope, versions }) => ({
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: `${plural}.${group}` },
      spec: {
        group,
        scope,
        names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
        versions: Object.entries(versions).map(([name, spec], index, all) => ({
          name,
          served: true,
          storage: index === all.length - 1,
          schema: { openAPIV3Schema: mapping({ spec, status: open }) },
        })),
      },
    }),
  );
}

/** Names of all of them. */
export function definitionNames(): string[] {
  return [...Object.values(kinds).flat(), ...openDataHubKinds(3)].map(({ group, plural }) => `${plural}.${group}`);
}
