import { messageOf } from "../message-of";
import { type CheckRequest, checkInputs } from "./check";
import { CheckFailure } from "./check-failure";
import { parseCheckpoint, plainInputs, secretsOfState } from "./checkpoint";
import { connect, isNamespaced } from "./connection";
import { type CreateRequest, createObject } from "./create";
import { type DeleteRequest, deleteObject } from "./delete";
import { diffResource, type ResourceDiff } from "./diff-resource";
import type { EngineLog } from "./engine-log";
import {
  checkRelease,
  createRelease,
  deleteRelease,
  diffRelease,
  isRelease,
  readRelease,
  secretsOfRelease,
  updateRelease,
} from "./helm/release";
import { type JsonObject, stringAt } from "./json";
import { isPatchResource } from "./naming";
import type { Operation } from "./operation";
import { PartialFailure } from "./partial-failure";
import { secretStrings } from "./property-values";
import { type ReadRequest, type ReadResult, readObject } from "./read";
import { redact } from "./redact";
import { replacesUnready } from "./replace-unready";
import { parseSettings } from "./settings";
import { type UpdateRequest, updateObject } from "./update";

export interface ConfigureRequest {
  urn: string;
  variables: ReadonlyMap<string, string>;
}

export interface DiffRequest {
  urn: string;
  olds: JsonObject;
  news: JsonObject;
  ignoreChanges: readonly string[];
}

const inUse = "The sandbox's stand-in for the official Kubernetes provider is in use; see docs/sandbox.md.";

/**
 * What the official Kubernetes provider does, for plain objects and custom resources. Values and messages are plain JSON
 * and text here; the protocol is in `server.ts`. No message holds a secret of the request it answers.
 */
export class KubernetesProvider {
  private readonly cancellation = new AbortController();
  private operation: Operation | undefined;

  constructor(private readonly log: EngineLog) {}

  /** Connects to the cluster. That it cannot be reached is a warning here, and an error where it is needed. */
  async configure({ urn, variables }: ConfigureRequest): Promise<void> {
    const settings = parseSettings(variables, process.env);
    const connection = await connect(settings);
    this.operation = { settings, connection, log: this.log, signal: this.cancellation.signal };
    await this.log.info(urn, inUse);
    if (connection.api === undefined) {
      await this.log.warning(urn, `configured Kubernetes cluster is unreachable: ${connection.unreachableBecause}`);
    }
  }

  check(request: CheckRequest): Promise<JsonObject> {
    return this.run([...secretStrings(request.news), ...secretStrings(request.olds)], async (operation) => {
      const { connection, settings, log } = operation;
      if (connection.api === undefined && settings.skipUpdateUnreachable) {
        await log.warning(
          request.urn,
          "Cluster is unreachable but skipUpdateUnreachable flag is set to true, skipping...",
        );
        return request.olds;
      }
      return isRelease(request.urn) ? checkRelease(operation, request) : checkInputs(connection, request);
    });
  }

  diff(request: DiffRequest): Promise<ResourceDiff> {
    return this.run([...secretStrings(request.news), ...secretsOf(request.urn, request.olds)], async (operation) => {
      if (isRelease(request.urn)) return diffRelease(request.olds, request.news, request.ignoreChanges);
      const news = plainInputs(request.news);
      const kind = stringAt(news, "kind");
      const namespaced = await isNamespaced(operation.connection, stringAt(news, "apiVersion"), kind);
      return diffResource({
        ...request,
        namespaced,
        mutability: operation.settings.mutability,
        isPatch: isPatchResource(request.urn, kind),
        replaceUnready: await replacesUnready(operation, request.urn, news, parseCheckpoint(request.olds).live),
      });
    });
  }

  create(request: CreateRequest): Promise<{ id: string; properties: JsonObject }> {
    return this.run(secretStrings(request.properties), (operation) =>
      isRelease(request.urn) ? createRelease(operation, request) : createObject(operation, request),
    );
  }

  read(request: ReadRequest): Promise<ReadResult> {
    return this.run([...secretsOf(request.urn, request.properties), ...secretStrings(request.inputs)], (operation) =>
      isRelease(request.urn) ? readRelease(operation, request) : readObject(operation, request),
    );
  }

  update(request: UpdateRequest): Promise<JsonObject> {
    return this.run([...secretStrings(request.news), ...secretsOf(request.urn, request.olds)], (operation) =>
      isRelease(request.urn) ? updateRelease(operation, request) : updateObject(operation, request),
    );
  }

  delete(request: DeleteRequest): Promise<void> {
    return this.run(secretsOf(request.urn, request.properties), (operation) =>
      isRelease(request.urn) ? deleteRelease(operation, request) : deleteObject(operation, request),
    );
  }

  /** Waits end with an error, and what was made is kept in the state. Requests that are under way are answered first. */
  cancel(): void {
    this.cancellation.abort();
  }

  private async run<Result>(
    secrets: readonly string[],
    work: (operation: Operation) => Promise<Result>,
  ): Promise<Result> {
    if (this.operation === undefined) throw new Error("The provider is not configured.");
    try {
      return await work({ ...this.operation, log: redactedLog(this.log, secrets) });
    } catch (error) {
      throw redactedError(error, secrets);
    }
  }
}

function secretsOf(urn: string, state: JsonObject): string[] {
  return isRelease(urn) ? secretsOfRelease(state) : secretsOfState(state);
}

function redactedLog(log: EngineLog, secrets: readonly string[]): EngineLog {
  return {
    info: (urn, message) => log.info(urn, redact(message, secrets)),
    warning: (urn, message) => log.warning(urn, redact(message, secrets)),
    status: (urn, message) => log.status(urn, redact(message, secrets)),
  };
}

function redactedError(error: unknown, secrets: readonly string[]): Error {
  const message = redact(messageOf(error), secrets);
  if (error instanceof CheckFailure) return new CheckFailure(error.property, redact(error.reason, secrets));
  if (!(error instanceof PartialFailure)) return new Error(message);
  const reasons = error.reasons.map((reason) => redact(reason, secrets));
  return new PartialFailure(message, error.id, error.state, reasons, error.inputs);
}
