import type { PartStatus, PrunedTool, SandboxState, SandboxStatus, StartedSandbox } from "@vllm-serving/sandbox";
import Table from "cli-table3";
import { terminalColours } from "../colours";
import { duration } from "../progress";

/** What `sandbox up` says: how to reach it, how long it took, what it holds. */
export function upText(state: SandboxState, seconds: number, found: SandboxStatus | undefined): string {
  const holds =
    found === undefined || found.phase === "starting"
      ? ""
      : `, its ${found.parts.length} parts hold ${gigabytes(found.residentBytes)} of memory`;
  return [
    `Sandbox ${terminalColours.bold(state.name)} is up: it took ${duration(seconds)}${holds}.`,
    ...addresses(state),
    ...isolationProblem(state),
  ].join("\n");
}

export function statusText(found: SandboxStatus): string {
  if (found.phase !== "starting") return startedText(found);
  const steps = found.steps.map(({ title, elapsedSeconds }) => `  ${title} · ${duration(elapsedSeconds)}`);
  return [
    `Sandbox ${found.name}: ${terminalColours.yellow("starting")} (by the daemon, process ${found.daemon.pid})`,
    ...steps,
    `  Logs        ${found.logsDirectory}`,
    partsTable(found.parts),
  ].join("\n");
}

function startedText(found: StartedSandbox): string {
  return [
    `Sandbox ${found.state.name}: ${verdict(found)}`,
    ...addresses(found.state),
    partsTable(found.parts),
    `Memory in RAM: ${gigabytes(found.residentBytes)}.`,
    listening(found),
    ...isolationProblem(found.state),
    ...found.problems.map((problem) => terminalColours.red(problem)),
    ...found.parts.flatMap(lastEnd),
  ].join("\n");
}

function verdict({ phase, healthy }: StartedSandbox): string {
  if (phase === "stopping") return terminalColours.yellow("being stopped");
  return healthy ? terminalColours.green("healthy") : terminalColours.red("not healthy");
}

function partsTable(parts: PartStatus[]): string {
  const table = new Table({
    head: ["part", "state", "pid", "restarts", "memory"],
    style: { head: [], border: [], compact: true },
  });
  for (const part of parts) {
    const memory = part.residentBytes === undefined ? "" : `${Math.round(part.residentBytes / 1e6)} MB`;
    table.push([part.name, part.state, part.pid ?? "", part.restarts, memory]);
  }
  return table.toString();
}

function listening({ state, parts }: StartedSandbox): string {
  if (state.isolation === "network-namespace") {
    return "Everything listens on 127.0.0.1 only; parts without a host setting run in a network namespace of their own.";
  }
  const wider = parts.flatMap((part) => part.listensWiderOn.map((socket) => `${part.name} on ${socket}`));
  return `No network namespaces here, so these listen on more than 127.0.0.1: ${wider.join(", ") || "none found"}.`;
}

function isolationProblem({ isolationProblem: problem }: SandboxState): string[] {
  if (problem === undefined) return [];
  return [`Parts without a host setting listen on all addresses, because of this: ${problem}.`];
}

/** A part that failed with its last lines; one that was started again with a line. */
function lastEnd({ name, state, log, restarts, lastExit, lastLines = [], advice }: PartStatus): string[] {
  if (state === "failed") {
    return [
      `${name} failed${restarts > 0 ? ` (started again ${restarts} times)` : ""}; the last lines of ${log}:`,
      ...lastLines.map((line) => `  ${line}`),
      ...(advice === undefined ? [] : [advice]),
    ];
  }
  return lastExit === undefined ? [] : [`${name} ${lastExit.how} at ${lastExit.at}; its log is ${log}.`];
}

function addresses(state: SandboxState): string[] {
  return [
    `  kubectl     export KUBECONFIG=${shellQuote(state.kubeconfig)}`,
    `  API server  ${state.endpoints.apiServer}`,
    `  Prometheus  ${state.endpoints.prometheus}`,
    `  Metrics     ${state.endpoints.thanosQuerier} (the path of OpenShift: TLS, token, namespace)`,
    `  Router      ${state.endpoints.router}/<namespace>/<service>/v1/...`,
    `  Interceptor curl -H 'Host: <host of an InterceptorRoute>' ${state.endpoints.interceptor}/v1/models`,
    `  Logs        ${state.logsDirectory}`,
  ];
}

/** What `sandbox tools --prune` says. */
export function pruneText(pruned: PrunedTool[]): string {
  if (pruned.length === 0) return "Nothing to remove.";
  const bytes = pruned.reduce((sum, tool) => sum + tool.bytes, 0);
  return [`Removed, ${gigabytes(bytes)} in all:`, ...pruned.map(({ directory }) => `  ${directory}`)].join("\n");
}

/** For a POSIX shell. */
export function shellQuote(value: string): string {
  return `'${value.replaceAll("'", `'\\''`)}'`;
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
