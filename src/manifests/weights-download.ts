import type { Problem } from "../policy/policy-input";
import { quantityBytes } from "../policy/quantity";
import { versions } from "../versions";
import { annotations } from "./annotations";
import { downloadPath, downloadScript } from "./download-script";
import { Role, standardLabels } from "./labels";
import { childName, objectNameProblems, stableHash } from "./naming";
import { secondsProblems, wholeNumberProblems } from "./problems";
import { pullSecrets } from "./vllm-pod";
import type { SecretKey } from "./vllm-server-options";

/** A model's repository at Hugging Face and the revision of it that is downloaded, once. */
export interface WeightsDownload {
  /** Repository, as `owner/name`. */
  repository: string;
  /** Commit, as its 40 hexadecimal digits: what is downloaded, and part of the directory's name. Another one is another download. */
  revision: string;
  /**
   * Accept a branch or a tag as `revision`. It is downloaded once and never again, however it moves.
   * @default false: two clusters would serve different weights under one name
   */
  allowMovingRevision?: boolean | undefined;
  /** Only files that match this pattern. One, since releases of the command line differ in how they take more. @default all */
  include?: string | undefined;
  /** Not the files that match this pattern. @default `original/*`, where some repositories hold the weights a second time */
  exclude?: string | undefined;
  /** Token for gated and private repositories, in a Secret of the namespace. @default none */
  tokenSecret?: SecretKey | undefined;
  /** Mirror to download from (`HF_ENDPOINT`). @default Hugging Face's own */
  endpoint?: string | undefined;
  /** Image with `hf` or `huggingface-cli` and a shell. @default `kserve/storage-initializer`, of the version in `versions.ts` */
  image?: string | undefined;
  /** User id of the container, above 0. Not on OpenShift, which gives each namespace its own. @default the image's */
  runAsUser?: number | undefined;
  /** How long it is expected to take; it is given up after three times as long and 10 minutes. @default the size at 100 MB/s */
  expectedSeconds?: number | undefined;
  /** Options of the mount it writes to. @default `nfsvers=4.1`, `hard`, `noatime`, `nconnect=8`, `wsize=1048576` */
  mountOptions?: string[] | undefined;
}

type Revision = Pick<WeightsDownload, "revision" | "allowMovingRevision">;

const defaultExclude = "original/*";
const defaultMegabytesPerSecond = 100;
/** Of the container, before the download is given up. */
const backoffLimit = 6;
/** For the image, and for what cannot be foreseen of a download. */
const extraSeconds = 600;
const scratchPath = "/scratch";

/** The download with what is known beside it. */
export interface NamedDownload<S = string> {
  /** Name of the component, for the labels. */
  instance: string;
  namespace: S;
  /** Claim that is written to. */
  claimName: S;
  download: WeightsDownload;
  /** Directory of the model inside the volume, from `modelDirectory`. */
  directory: string;
  expectedSeconds: number;
  imagePullSecrets?: string[] | undefined;
}

/** Directory of a downloaded model inside its volume: one a revision, so that running replicas keep theirs. */
export function modelDirectory({ repository, revision }: WeightsDownload, subPath: string | undefined): string {
  const beginning = subPath?.replace(/\/+$/, "") ?? repository.replaceAll("/", "--");
  return `${beginning}/${revision.replaceAll("/", "--")}`;
}

/** How long the download is expected to take, from what is said of it or from its size. */
export function expectedDownloadSeconds(
  download: WeightsDownload,
  gigabytes: number | undefined,
  volumeSize: string,
): number {
  const size = gigabytes ?? (quantityBytes(volumeSize) ?? 0) / 1e9;
  return download.expectedSeconds ?? Math.ceil((size * 1000) / defaultMegabytesPerSecond);
}

/** When the download is given up. */
export function downloadDeadlineSeconds(expectedSeconds: number): number {
  return 3 * expectedSeconds + extraSeconds;
}

/** Name of the Job, by what is in it: the same download is never run again, and another one is a new Job beside the old. */
export function downloadJobName(instance: string, spec: object): string {
  return childName(instance, `download-${stableHash(JSON.stringify(spec))}`);
}

/**
 * A Job that downloads the weights. It is never cleaned up by time, since Pulumi would find it missing and run it again. A failed
 * one is made anew by the next `up`.
 */
export function downloadJob<S>(jobName: S | string, options: NamedDownload<S>) {
  return {
    apiVersion: "batch/v1" as const,
    kind: "Job" as const,
    metadata: {
      name: jobName,
      namespace: options.namespace,
      labels: standardLabels(options.instance, Role.Download),
      annotations: { "pulumi.com/replaceUnready": "true" },
    },
    spec: downloadJobSpec(options),
  };
}

export function downloadJobSpec<S>(options: NamedDownload<S>) {
  const { runAsUser } = options.download;
  return {
    backoffLimit,
    activeDeadlineSeconds: downloadDeadlineSeconds(options.expectedSeconds),
    template: {
      metadata: {
        labels: standardLabels(options.instance, Role.Download),
        annotations: { [annotations.downloadSeconds]: String(options.expectedSeconds) },
      },
      spec: {
        // In the same pod, which finds the files again that it had begun.
        restartPolicy: "OnFailure",
        enableServiceLinks: false,
        automountServiceAccountToken: false,
        ...pullSecrets(options),
        securityContext: {
          runAsNonRoot: true,
          ...(runAsUser === undefined ? {} : { runAsUser }),
          seccompProfile: { type: "RuntimeDefault" },
        },
        containers: [container(options)],
        volumes: [
          { name: "weights", persistentVolumeClaim: { claimName: options.claimName } },
          { name: "scratch", emptyDir: { sizeLimit: "10Gi" } },
        ],
      },
    },
  };
}

function container<S>({ download, directory }: NamedDownload<S>) {
  const exclude = download.exclude ?? defaultExclude;
  return {
    name: "download",
    image: download.image ?? `kserve/storage-initializer:v${versions.storageInitializer}`,
    command: ["/bin/sh", "-c", downloadScript, "download"],
    args: [
      ...(download.include === undefined ? [] : [`--include=${download.include}`]),
      ...(exclude === "" ? [] : [`--exclude=${exclude}`]),
    ],
    env: environment(download, directory),
    resources: { requests: { cpu: "1", memory: "2Gi" }, limits: { memory: "8Gi" } },
    terminationMessagePolicy: "FallbackToLogsOnError",
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      readOnlyRootFilesystem: true,
    },
    volumeMounts: [
      { name: "weights", mountPath: downloadPath },
      { name: "scratch", mountPath: scratchPath },
    ],
  };
}

function environment(download: WeightsDownload, directory: string) {
  return [
    { name: "REPOSITORY", value: download.repository },
    { name: "REVISION", value: download.revision },
    { name: "TARGET", value: `${downloadPath}/${directory}` },
    { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
    // The user may be one that owns no home.
    { name: "HOME", value: scratchPath },
    { name: "TMPDIR", value: scratchPath },
    { name: "HF_HOME", value: `${scratchPath}/huggingface` },
    ...(download.endpoint === undefined ? [] : [{ name: "HF_ENDPOINT", value: download.endpoint }]),
    ...(download.tokenSecret === undefined
      ? []
      : [{ name: "HF_TOKEN", valueFrom: { secretKeyRef: download.tokenSecret } }]),
  ];
}

/** What is said of a download that works, but not as one may think. */
export function revisionWarnings(path: string, { revision }: Revision, consequence: string): string[] {
  return isCommit(revision)
    ? []
    : [
        `${path}.revision is "${revision}", which is no commit: it may come to name other files, ${consequence}. Pin the commit.`,
      ];
}

/** Everything wrong with a download. */
export function downloadProblems(path: string, download: WeightsDownload): Problem[] {
  const { repository, tokenSecret, expectedSeconds } = download;
  return [
    ...repositoryProblems(`${path}.repository`, repository, { ownerNeeded: false }),
    ...commitProblems(`${path}.revision`, download),
    ...patternProblems(`${path}.include`, download.include),
    ...patternProblems(`${path}.exclude`, download.exclude),
    ...(tokenSecret === undefined ? [] : objectNameProblems(`${path}.tokenSecret.name`, tokenSecret.name)),
    ...endpointProblems(`${path}.endpoint`, download.endpoint),
    ...wholeNumberProblems(`${path}.runAsUser`, download.runAsUser, 1),
    ...(expectedSeconds === undefined ? [] : secondsProblems(`${path}.expectedSeconds`, expectedSeconds)),
  ];
}

function isCommit(revision: string): boolean {
  return /^[0-9a-f]{40}$/.test(revision);
}

/** What is wrong with the name of a repository at Hugging Face. */
export function repositoryProblems(
  path: string,
  repository: string,
  { ownerNeeded }: { ownerNeeded: boolean },
): Problem[] {
  const [owner, name, ...more] = repository.split("/");
  const parts = name === undefined && !ownerNeeded ? [owner] : [owner, name];
  return more.length === 0 && parts.every((part) => part !== undefined && /^\w[\w.-]*$/.test(part))
    ? []
    : [{ path, message: `is "${repository}"; write it as owner/name.` }];
}

/** What is wrong with a revision, which shall be a commit unless another one is accepted. */
export function commitProblems(path: string, { revision, allowMovingRevision }: Revision): Problem[] {
  if (isCommit(revision)) {
    return [];
  }
  if (allowMovingRevision !== true) {
    return [
      {
        path,
        message: `is "${revision}"; write the commit's 40 hexadecimal digits, so that the same weights are served everywhere, or set allowMovingRevision.`,
      },
    ];
  }
  return /^\w[\w.-]*(\/\w[\w.-]*)*$/.test(revision)
    ? []
    : [
        {
          path,
          message: `is "${revision}", which is no branch or tag: use letters, digits, dots, dashes and slashes.`,
        },
      ];
}

function patternProblems(path: string, pattern: string | undefined): Problem[] {
  return pattern === undefined || !/[\n\r]/.test(pattern)
    ? []
    : [{ path, message: "has more than one line; write one pattern such as *.safetensors." }];
}

/** A user name or password in it is never repeated. */
function endpointProblems(path: string, endpoint: string | undefined): Problem[] {
  if (endpoint === undefined) {
    return [];
  }
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol)) {
    return [{ path, message: "is no http or https URL; write one such as https://huggingface.example.com." }];
  }
  return url.username === "" && url.password === ""
    ? []
    : [
        {
          path,
          message: "has a user name or password in it, which would be in the Job for all to read; use tokenSecret.",
        },
      ];
}
