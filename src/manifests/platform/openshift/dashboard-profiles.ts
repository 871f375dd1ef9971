import type { Problem } from "../../../policy/policy-input";
import { namespaceProblems, objectNameProblems } from "../../naming";
import { wholeNumberProblems } from "../../problems";
import type { PodToleration } from "../../vllm-server-options";

/** What OpenShift AI's dashboard offers as hardware, by generation. */
export const ProfileKind = {
  /** CPU, memory, GPUs, nodes and tolerations; version 2.22 and later. */
  HardwareProfile: "HardwareProfile",
  /** GPUs and tolerations alone; version 2. */
  AcceleratorProfile: "AcceleratorProfile",
} as const;
export type ProfileKind = (typeof ProfileKind)[keyof typeof ProfileKind];

/** How much of a resource a model may take, as Kubernetes quantities. */
export interface ResourceRange {
  min: string;
  /** What the dashboard proposes. @default `min` */
  proposed?: string | undefined;
  /** @default no limit */
  max?: string | undefined;
}

/** Hardware that OpenShift AI's dashboard offers, and that models name in `dashboard`. */
export interface DashboardProfile {
  name: string;
  /** Name in the dashboard. @default `name` */
  displayName?: string | undefined;
  /** Namespace, so that one project alone is offered it. @default the one of OpenShift AI's applications: every project is */
  namespace?: string | undefined;
  /** Object to make. @default `HardwareProfile` from version 3 on, `AcceleratorProfile` before */
  kind?: ProfileKind;
  /** Most GPUs a model may take; it takes at least one. @default no limit */
  maxGpus?: number | undefined;
  /** CPU, of a HardwareProfile. @default at least 1, 4 proposed */
  cpu?: ResourceRange | undefined;
  /** Memory, of a HardwareProfile. @default at least 2Gi, 16Gi proposed */
  memory?: ResourceRange | undefined;
  /** Labels of the nodes, of a HardwareProfile, e.g. `nvidia.com/gpu.product`. @default any node with a GPU */
  nodeSelector?: Record<string, string> | undefined;
  /** Taints the pods tolerate. @default `nvidia.com/gpu` with effect NoSchedule */
  tolerations?: PodToleration[] | undefined;
}

const gpu = "nvidia.com/gpu";
const defaultTolerations: PodToleration[] = [{ key: gpu, operator: "Exists", effect: "NoSchedule" }];
const defaults = { cpu: { min: "1", proposed: "4" }, memory: { min: "2Gi", proposed: "16Gi" } };

/** By generation of the product, oldest first. */
const generations = [
  { since: 2, kind: ProfileKind.AcceleratorProfile, hardwareVersion: "v1alpha1", hasAccelerators: true },
  { since: 3, kind: ProfileKind.HardwareProfile, hardwareVersion: "v1", hasAccelerators: false },
] as const;

/** Which product the profiles are for. */
interface ProfileTarget {
  /** Version of the product. */
  version: readonly number[];
  applicationsNamespace: string;
}

function generationOf({ version: [major = 0] }: ProfileTarget) {
  return generations.findLast(({ since }) => major >= since) ?? generations[0];
}

/** What says which profile it is. */
export interface ProfileMetadata {
  name: string;
  namespace: string;
  labels: Record<string, string>;
}

/** The object of a profile, for the dashboard and for the webhook that adds to the pods what it says. */
export function dashboardProfile(profile: DashboardProfile, target: ProfileTarget) {
  const { kind, hardwareVersion } = generationOf(target);
  const metadata = {
    name: profile.name,
    namespace: profile.namespace ?? target.applicationsNamespace,
    labels: { "app.kubernetes.io/part-of": "vllm-serving" },
  };
  return (profile.kind ?? kind) === ProfileKind.AcceleratorProfile
    ? acceleratorProfile(profile, metadata)
    : hardwareProfile(profile, metadata, hardwareVersion);
}

function acceleratorProfile({ name, displayName, tolerations }: DashboardProfile, metadata: ProfileMetadata) {
  return {
    apiVersion: "dashboard.opendatahub.io/v1",
    kind: ProfileKind.AcceleratorProfile,
    metadata,
    spec: {
      displayName: displayName ?? name,
      enabled: true,
      identifier: gpu,
      tolerations: tolerations ?? defaultTolerations,
    },
  };
}

function hardwareProfile(profile: DashboardProfile, metadata: ProfileMetadata, version: string) {
  const { cpu = defaults.cpu, memory = defaults.memory, maxGpus, nodeSelector } = profile;
  return {
    apiVersion: `infrastructure.opendatahub.io/${version}`,
    kind: ProfileKind.HardwareProfile,
    metadata: {
      ...metadata,
      annotations: {
        "opendatahub.io/display-name": profile.displayName ?? profile.name,
        "opendatahub.io/disabled": "false",
        "opendatahub.io/dashboard-feature-visibility": '["model-serving"]',
      },
    },
    spec: {
      identifiers: [
        { displayName: "CPU", identifier: "cpu", resourceType: "CPU", ...counts(cpu) },
        { displayName: "Memory", identifier: "memory", resourceType: "Memory", ...counts(memory) },
        {
          displayName: "GPU",
          identifier: gpu,
          resourceType: "Accelerator",
          minCount: 1,
          defaultCount: 1,
          ...(maxGpus === undefined ? {} : { maxCount: maxGpus }),
        },
      ],
      scheduling: {
        type: "Node",
        node: {
          ...(nodeSelector === undefined ? {} : { nodeSelector }),
          tolerations: profile.tolerations ?? defaultTolerations,
        },
      },
    },
  };
}

function counts({ min, proposed, max }: ResourceRange) {
  return { minCount: min, defaultCount: proposed ?? min, ...(max === undefined ? {} : { maxCount: max }) };
}

/** Everything wrong with the profiles of a platform. */
export function profileProblems(path: string, profiles: readonly DashboardProfile[], target: ProfileTarget): Problem[] {
  return profiles.flatMap((profile, index) => {
    const at = `${path}[${index}]`;
    const same = profiles.findIndex(({ name, namespace }) => name === profile.name && namespace === profile.namespace);
    return [
      ...objectNameProblems(`${at}.name`, profile.name),
      ...(same < index ? [{ path: `${at}.name`, message: `is that of ${path}[${same}] too: give each its own.` }] : []),
      ...(profile.namespace === undefined ? [] : namespaceProblems(`${at}.namespace`, profile.namespace)),
      ...wholeNumberProblems(`${at}.maxGpus`, profile.maxGpus, 1),
      ...kindProblems(at, profile, target),
    ];
  });
}

function kindProblems(at: string, profile: DashboardProfile, target: ProfileTarget): Problem[] {
  const { kind, hasAccelerators } = generationOf(target);
  const known: readonly string[] = Object.values(ProfileKind);
  const wanted: string = profile.kind ?? kind;
  if (!known.includes(wanted)) {
    return [{ path: `${at}.kind`, message: `is "${wanted}"; take one of ${known.join(", ")}.` }];
  }
  if (wanted === ProfileKind.HardwareProfile) {
    return [];
  }
  if (!hasAccelerators) {
    return [
      {
        path: `${at}.kind`,
        message: `is "${wanted}", which ended with version 2 of OpenShift AI. Leave it out.`,
      },
    ];
  }
  const given = (["maxGpus", "cpu", "memory", "nodeSelector"] as const).filter((field) => profile[field] !== undefined);
  return [
    ...given.map((field) => ({
      path: `${at}.${field}`,
      message: `is not said by an AcceleratorProfile. Leave it out, or take the kind "${ProfileKind.HardwareProfile}", from version 2.22 on.`,
    })),
    ...(profile.tolerations ?? []).flatMap(({ key }, index) =>
      key === undefined
        ? [{ path: `${at}.tolerations[${index}].key`, message: "is missing, and an AcceleratorProfile needs one." }]
        : [],
    ),
  ];
}
