import { randomBytes } from "node:crypto";
import { parse } from "yaml";
import { messageOf } from "../../message-of";
import type { CheckRequest } from "../check";
import { CheckFailure } from "../check-failure";
import type { CreateRequest } from "../create";
import type { DeleteRequest } from "../delete";
import { detailedDiff } from "../diff";
import type { ResourceDiff } from "../diff-resource";
import { isObject, type JsonObject, ownValue, stringAt } from "../json";
import { logicalName, parseObjectId, resourceType } from "../naming";
import { type Operation, requireKubeConfig } from "../operation";
import { PartialFailure } from "../partial-failure";
import {
  hasUnknown,
  markSecret,
  secretStrings,
  unknownString,
  withoutSecretMarks,
  withSecretMarks,
} from "../property-values";
import type { ReadRequest, ReadResult } from "../read";
import type { UpdateRequest } from "../update";
import { HelmError, type HelmOptions, helm } from "./helm-command";
import { findRelease, type LiveRelease, mergedValues } from "./live-release";
import {
  chartFlags,
  completeInputs,
  importedInputs,
  installFlags,
  refusedArguments,
  timeoutFlags,
  upgradeFlags,
} from "./release-inputs";

/** The official provider's key, whose value is secret as a whole. */
const inputsKey = "__inputs";

export function isRelease(urn: string): boolean {
  const { apiVersion, kind } = resourceType(urn);
  return apiVersion === "helm.sh/v3" && kind === "Release";
}

/** What must not appear in a message: the secret ones of the values it was made with. */
export function secretsOfRelease(state: JsonObject): string[] {
  return secretStrings(markedInputsOf(state));
}

/**
 * The arguments with their defaults, a name, and the chart's own version, so that a newer one is seen as a change.
 * @throws CheckFailure when the chart cannot be found.
 */
export async function checkRelease(operation: Operation, request: CheckRequest): Promise<JsonObject> {
  const { urn, olds, news } = request;
  const given = withoutSecretMarks(news);
  const cannot = refusedArguments(given);
  if (cannot.length > 0) {
    throw new CheckFailure(cannot[0] ?? "", `${cannot.join(", ")}: the sandbox's stand-in cannot give this to Helm.`);
  }
  const inputs = completeInputs(given, operation.connection.defaultNamespace);
  if (inputs.name === "") {
    inputs.name = stringAt(withoutSecretMarks(olds), "name") || `${logicalName(urn)}-${randomBytes(4).toString("hex")}`;
  }
  if (!hasUnknown(news)) inputs.version = await chartVersion(operation, inputs);
  return withSecretMarks(inputs, news);
}

async function chartVersion(operation: Operation, inputs: JsonObject): Promise<string> {
  try {
    const chart = stringAt(inputs, "chart");
    const shown: unknown = parse(
      await helm(["show", "chart", chart, ...chartFlags(inputs)], { signal: operation.signal }),
    );
    return shown instanceof Object && "version" in shown ? String(shown.version) : "";
  } catch (error) {
    const reason = messageOf(error);
    throw new CheckFailure("chart", `${reason}; check the chart name and repository configuration.`);
  }
}

/** New arguments against those of the last run; what is installed counts where Helm says it. */
export function diffRelease(olds: JsonObject, news: JsonObject, ignoreChanges: readonly string[]): ResourceDiff {
  const before = withoutSecretMarks(markedInputsOf(olds));
  const live = withoutSecretMarks(olds);
  const shaped = Object.fromEntries(
    Object.keys(before).map((key) => [key, ownValue(live, key) ?? before[key] ?? null]),
  );
  const changes = detailedDiff({ ...shaped, values: before.values ?? {} }, withoutSecretMarks(news), {
    replacedOn: ["name", "namespace"],
    ignoreChanges: ignoreChanges.filter((path) => path === "version"),
  });
  const replaces = [...changes].filter(([, change]) => change.kind.endsWith("-replace")).map(([path]) => path);
  return { changes, replaces, deleteBeforeReplace: false };
}

export async function createRelease(
  operation: Operation,
  { urn, properties, preview }: CreateRequest,
): Promise<{ id: string; properties: JsonObject }> {
  if (preview) return { id: "", properties: previewedState(properties) };
  const release = new ReleaseOperation(operation, properties);
  await release.change({
    command: "install",
    flags: installFlags(release.inputs),
    failure: "was created, but failed to initialize completely",
    onFailure: (reason) =>
      operation.log.warning(
        urn,
        `Helm release "${stringAt(release.inputs, "name")}" was created but has a failed status. Use the \`helm\` command ` +
          `to investigate the error, correct it, then retry. Reason: ${reason}`,
      ),
  });
  return { id: release.id, properties: await release.state() };
}

export async function updateRelease(operation: Operation, { news, preview }: UpdateRequest): Promise<JsonObject> {
  if (preview) return previewedState(news);
  const release = new ReleaseOperation(operation, news);
  if (release.inputs.lint === true) await release.lint();
  const failure = "failed to initialize completely";
  await release.change({ command: "upgrade", flags: upgradeFlags(release.inputs), failure });
  return release.state();
}

/** Without earlier arguments it is an import: of what Helm keeps. */
export async function readRelease(operation: Operation, request: ReadRequest): Promise<ReadResult> {
  const known = markedInputsOf(request.properties);
  const isImport = Object.keys(known).length === 0;
  const live = await new ReleaseOperation(operation, isImport ? parseObjectId(request.id) : known).find();
  if (live === undefined) return { id: "", properties: {}, inputs: {} };
  const inputs = isImport ? importedInputs(live) : known;
  return { id: request.id, properties: releaseState(inputs, live), inputs };
}

export async function deleteRelease(operation: Operation, { id, properties }: DeleteRequest): Promise<void> {
  const inputs = withoutSecretMarks(markedInputsOf(properties));
  const { namespace, name } = parseObjectId(id);
  const waits = inputs.atomic === true || inputs.skipAwait !== true;
  const flags = waits ? ["--wait", ...timeoutFlags(inputs)] : [];
  await helm(["uninstall", name, "--namespace", namespace, ...flags], {
    cluster: requireKubeConfig(operation.connection),
    signal: operation.signal,
  });
}

interface Change {
  command: "install" | "upgrade";
  flags: string[];
  /** What the release did when it is there but not well. */
  failure: string;
  onFailure?(reason: string): Promise<void>;
}

/** Helm's commands on one release. */
class ReleaseOperation {
  readonly inputs: JsonObject;
  readonly id: string;
  private readonly name: string;
  private readonly namespace: string;
  private readonly options: HelmOptions;

  constructor(
    operation: Operation,
    /** With the marks of what is secret. */
    private readonly markedInputs: JsonObject,
  ) {
    this.inputs = withoutSecretMarks(markedInputs);
    this.name = stringAt(this.inputs, "name");
    this.namespace = stringAt(this.inputs, "namespace");
    this.id = `${this.namespace}/${this.name}`;
    this.options = { cluster: requireKubeConfig(operation.connection), signal: operation.signal };
  }

  find(): Promise<LiveRelease | undefined> {
    return findRelease(this.name, this.namespace, this.options);
  }

  async lint(): Promise<void> {
    await helm(["lint", stringAt(this.inputs, "chart"), "--values", "-"], {
      ...this.options,
      input: this.valuesText(),
    });
  }

  /** @throws PartialFailure when the release is there with what failed. @throws HelmError when nothing was changed. */
  async change({ command, flags, failure, onFailure }: Change): Promise<void> {
    const before = await this.find();
    try {
      const target = [this.name, stringAt(this.inputs, "chart"), "--namespace", this.namespace];
      await helm([command, ...target, "--values", "-", ...flags], { ...this.options, input: this.valuesText() });
    } catch (error) {
      const live = error instanceof HelmError ? await this.find() : undefined;
      if (live === undefined || live.status.revision === before?.status.revision) throw error;
      const reason = messageOf(error);
      await onFailure?.(reason);
      const message =
        `Helm release "${this.id}" ${failure}. Use Helm CLI to investigate: ` +
        `failed to become available within allocated timeout. Error: Helm Release ${this.id}: ${reason}`;
      throw new PartialFailure(message, this.id, releaseState(this.markedInputs, live), [message]);
    }
  }

  async state(): Promise<JsonObject> {
    const live = await this.find();
    if (live === undefined) throw new Error(`Helm release ${this.id} is gone.`);
    return releaseState(this.markedInputs, live);
  }

  private valuesText(): string {
    return JSON.stringify(this.inputs.values ?? {});
  }
}

function markedInputsOf(state: JsonObject): JsonObject {
  const marked = ownValue(state, inputsKey);
  const inputs = isObject(marked) ? (ownValue(marked, "value") ?? marked) : undefined;
  return isObject(inputs) ? inputs : {};
}

function releaseState(markedInputs: JsonObject, live: LiveRelease): JsonObject {
  const inputs = withoutSecretMarks(markedInputs);
  const values = mergedValues(isObject(inputs.values) ? inputs.values : {}, live.values);
  const version = live.status.version ?? "";
  const { resourceNames, status } = live;
  return {
    ...withSecretMarks({ ...inputs, values, version, resourceNames, status }, markedInputs),
    [inputsKey]: markSecret(markedInputs),
  };
}

function previewedState(markedInputs: JsonObject): JsonObject {
  return {
    ...markedInputs,
    [inputsKey]: markSecret(markedInputs),
    resourceNames: unknownString,
    status: unknownString,
  };
}
