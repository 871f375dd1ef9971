/**
 * Templates (Go templates that give YAML) for the status of fake nodes and pods. The functions `Now`, `Quote`, `YAML`,
 * `NodeConditions`, `NodeIP` and so on are kwok's.
 */

const nodeConditions = `conditions:
{{ range NodeConditions }}
- type: {{ .type | Quote }}
  status: {{ .status | Quote }}
  reason: {{ .reason | Quote }}
  message: {{ .message | Quote }}
  lastHeartbeatTime: {{ Now | Quote }}
  lastTransitionTime: {{ $.metadata.creationTimestamp | Quote }}
{{ end }}
`;

/** A node that reports again that it is well. */
export const heartbeatStatus = nodeConditions;

/** A node whose kubelet has registered. Its resources stay as the Node object gives them. */
export const readyNodeStatus = `${nodeConditions}
addresses:
{{ with NodeIP }}
- type: InternalIP
  address: {{ . | Quote }}
{{ end }}
- type: Hostname
  address: {{ .metadata.name | Quote }}
nodeInfo:
  architecture: amd64
  bootID: ""
  containerRuntimeVersion: {{ printf "kwok-%s" Version | Quote }}
  kernelVersion: {{ printf "kwok-%s" Version | Quote }}
  kubeProxyVersion: {{ printf "kwok-%s" Version | Quote }}
  kubeletVersion: {{ printf "kwok-%s" Version | Quote }}
  machineID: ""
  operatingSystem: linux
  osImage: ""
  systemUUID: ""
phase: Running
`;

/** Pod conditions and their values. Conditions are merged by type: those not named here stay. */
export function conditions(values: Record<string, boolean>): string {
  const items = Object.entries(values).map(
    ([type, value]) => `- type: ${type}
  status: ${value ? '"True"' : '"False"'}
  lastProbeTime: null
  lastTransitionTime: {{ Now | Quote }}
`,
  );
  return `conditions:\n${items.join("")}`;
}

type ContainerState = "creating" | "starting" | "started" | "completed";

const startedAt = `{{ or (dig "state" "running" "startedAt" "" $origin) Now | Quote }}`;
const stateFields: Record<ContainerState, string> = {
  creating: `
  ready: false
  started: false
  state:
    waiting:
      reason: ContainerCreating`,
  starting: `
  ready: false
  started: false
  state:
    running:
      startedAt: ${startedAt}`,
  started: `
  ready: true
  started: true
  state:
    running:
      startedAt: ${startedAt}`,
  completed: `
  ready: false
  started: false
  state:
    terminated:
      exitCode: 0
      reason: Completed
      startedAt: ${startedAt}
      finishedAt: {{ Now | Quote }}`,
};

/** The status of all containers, `starting` being one that runs without having passed its startup probe. */
export function containerStatuses(state: ContainerState): string {
  return `{{ $root := . }}
containerStatuses:
{{ range $index, $container := .spec.containers }}
{{ $statuses := or $root.status.containerStatuses list }}
{{ $origin := dict }}
{{ if gt (len $statuses) $index }}{{ $origin = index $statuses $index }}{{ end }}
- name: {{ $container.name | Quote }}
  image: {{ $container.image | Quote }}
  imageID: ""
  restartCount: 0${stateFields[state]}
{{ end }}
`;
}

/** Given once: every call of kwok's function gives another address. */
const addresses = `{{ if not .status.podIP }}
{{ with NodeIPsWith .spec.nodeName }}
hostIP: {{ index . 0 | Quote }}
hostIPs:
{{ range . }}
- ip: {{ . | Quote }}
{{ end }}
{{ end }}
{{ with PodIPsWith .spec.nodeName (or .spec.hostNetwork false) (or .metadata.uid "") (or .metadata.name "") (or .metadata.namespace "") }}
podIP: {{ index . 0 | Quote }}
podIPs:
{{ range . }}
- ip: {{ . | Quote }}
{{ end }}
{{ end }}
{{ end }}
`;

const initContainersCompleted = `{{ if .spec.initContainers }}
initContainerStatuses:
{{ range .spec.initContainers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  imageID: ""
  restartCount: 0
  ready: true
  state:
    terminated:
      exitCode: 0
      reason: Completed
      startedAt: {{ Now | Quote }}
      finishedAt: {{ Now | Quote }}
{{ end }}
{{ end }}
`;

/** A pod whose images are being pulled. */
export const creatingStatus =
  conditions({ Ready: false, ContainersReady: false }) +
  containerStatuses("creating") +
  addresses +
  "startTime: {{ Now | Quote }}\nphase: Pending\n";

/** A pod whose containers run, and are ready or not. */
export function runningStatus({ ready }: { ready: boolean }): string {
  return (
    conditions({ Initialized: true, Ready: ready, ContainersReady: ready }) +
    containerStatuses(ready ? "started" : "starting") +
    initContainersCompleted +
    addresses +
    "startTime: {{ or .status.startTime Now | Quote }}\nphase: Running\n"
  );
}
