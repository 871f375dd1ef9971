import { EventEmitter, once } from "node:events";
import * as pulumi from "@pulumi/pulumi";
import type { ReadResourceRequest, RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";

/** One resource as the engine was asked for it. */
export interface RecordedResource {
  urn: string;
  type: string;
  name: string;
  inputs: Record<string, unknown>;
  parent: string;
  /** Name of the provider it is created with, empty for the default one. */
  provider: string;
  /** URNs of the resources it waits for, sorted. */
  dependencies: string[];
  /** URNs of the resources a property follows from, by its name: when one of them is deleted to be made anew, this one may be too. */
  propertyDependencies: Record<string, string[]>;
  ignoreChanges: string[];
  replaceOnChanges: string[];
  deleteBeforeReplace: boolean;
  /** Id of what is taken over, empty for what is made. */
  importId: string;
  retainOnDelete: boolean;
  timeouts: { create: string; update: string; delete: string } | undefined;
}

export interface RunOptions {
  /** Run as `pulumi preview` does. */
  preview?: boolean;
  /** Ids that are not found when they are read. */
  missing?: string[];
}

export interface RecordedProgram<T> {
  /** What the program returned. */
  result: T;
  /** All registered resources, by URN without the stack's part. Components and providers are among them. */
  resources: Map<string, RecordedResource>;
  /** Resources that were only read. */
  read: { id: string; parent: string; provider: string }[];
  /** What the program would have ended with: errors out of an `apply`. */
  errors: unknown[];
}

/**
 * Runs a program against Pulumi's mocks, waits until every registration is through, and returns what the engine was asked for.
 * The mocks give back the inputs as state.
 */
export async function record<T>(program: () => T, options: RunOptions = {}): Promise<RecordedProgram<T>> {
  const resources = new Map<string, RecordedResource>();
  const read: RecordedProgram<T>["read"] = [];
  const mocks: pulumi.runtime.Mocks = {
    newResource: (args) => {
      if (args.id !== undefined && options.missing?.includes(args.id)) {
        throw new Error(`${args.id} not found`);
      }
      return { id: args.custom === false ? undefined : `${args.name}-id`, state: args.inputs };
    },
    call: (args) => args.inputs,
  };
  await pulumi.runtime.setMocks(mocks, "project", "stack", options.preview ?? false);
  const monitor: unknown = pulumi.runtime.getMonitor();
  if (!isMonitor(monitor)) {
    throw new Error("The mock monitor cannot be recorded.");
  }
  const readResource = monitor.readResource.bind(monitor);
  monitor.readResource = (request, callback) => {
    const parent = short(request.getParent());
    read.push({ id: request.getId(), parent, provider: providerName(request.getProvider()) });
    return readResource(request, callback);
  };
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, callback) =>
    register(request, (error, response) => {
      if (response !== undefined) {
        const urn = short(response.getUrn());
        resources.set(urn, recorded(urn, request));
      }
      callback(error, response);
    });
  const errors: unknown[] = [];
  const failure = new EventEmitter();
  const restore = takeUnhandledRejections((error) => {
    errors.push(error);
    failure.emit("seen");
  });
  try {
    const result = program();
    // A program with a failed `apply` never drains: its runner ends it.
    await Promise.race([pulumi.runtime.disconnect(), once(failure, "seen")]);
    await new Promise(setImmediate);
    return { result, resources, read, errors };
  } finally {
    restore();
  }
}

/** The value an Output has when the program is through. */
export function outputValue<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply(resolve));
}

/** The message of whatever was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** What the engine gets in place of a value that is not known yet. */
export const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** What the engine gets for a secret. */
export function secretValue(value: unknown) {
  return { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value };
}

/** An Output whose value a preview cannot know. */
export function unknownOutput<T>(): pulumi.Output<T> {
  const unknown: pulumi.Output<unknown> = pulumi.output(pulumi.unknown);
  return unknown.apply((value) => impossible<T>(value));
}

function impossible<T>(value: unknown): T {
  throw new Error(`A preview ran an apply on ${value}.`);
}

/** The recorded resource of this URN. */
export function resource(program: RecordedProgram<unknown>, urn: string): RecordedResource {
  const found = program.resources.get(urn);
  if (found === undefined) {
    throw new Error(`No resource ${urn}; there are\n${[...program.resources.keys()].join("\n")}`);
  }
  return found;
}

/** Gives unhandled rejections to `take`, as Pulumi's runner does, instead of to the test runner; returns how to undo it. */
function takeUnhandledRejections(take: (error: unknown) => void): () => void {
  const others = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", take);
  return () => {
    process.off("unhandledRejection", take);
    for (const other of others) {
      process.on("unhandledRejection", other);
    }
  };
}

interface Monitor {
  readResource(request: ReadResourceRequest, callback: Callback): unknown;
  registerResource(request: RegisterResourceRequest, callback: Callback): unknown;
}
type Callback = (error: unknown, response: { getUrn(): string } | undefined) => void;

function isMonitor(value: unknown): value is Monitor {
  return typeof value === "object" && value !== null && "registerResource" in value && "readResource" in value;
}

function recorded(urn: string, request: RegisterResourceRequest): RecordedResource {
  const timeouts = request.getCustomtimeouts();
  return {
    urn,
    type: request.getType(),
    name: request.getName(),
    inputs: request.getObject()?.toJavaScript() ?? {},
    parent: short(request.getParent()),
    provider: providerName(request.getProvider()),
    dependencies: request.getDependenciesList().map(short).sort(),
    propertyDependencies: propertyDependencies(request),
    ignoreChanges: request.getIgnorechangesList(),
    replaceOnChanges: request.getReplaceonchangesList(),
    deleteBeforeReplace: request.getDeletebeforereplace(),
    importId: request.getImportid(),
    retainOnDelete: request.getRetainondelete() === true,
    timeouts:
      timeouts === undefined
        ? undefined
        : { create: timeouts.getCreate(), update: timeouts.getUpdate(), delete: timeouts.getDelete() },
  };
}

function propertyDependencies(request: RegisterResourceRequest): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  request.getPropertydependenciesMap().forEach((from, property) => {
    found[property] = from.getUrnsList().map(short).sort();
  });
  return found;
}

/** `urn:pulumi:stack::project::<types>::<name>` without what is the same for all. */
function short(urn: string): string {
  return urn.replace(/^urn:pulumi:stack::project::/, "");
}

/** Providers are referred to as `<urn>::<id>`. */
function providerName(reference: string): string {
  return reference.split("::").at(-2) ?? "";
}
