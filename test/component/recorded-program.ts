import * as pulumi from "@pulumi/pulumi";
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";

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
  ignoreChanges: string[];
  deleteBeforeReplace: boolean;
  timeouts: { create: string; update: string } | undefined;
}

export interface RecordedProgram<T> {
  /** What the program returned. */
  result: T;
  /** All registered resources, by URN without the stack's part. Components and providers are among them. */
  resources: Map<string, RecordedResource>;
  /** Ids of the resources that were read. */
  read: string[];
  /** Errors the program ended with, by their messages. */
  errors: string[];
}

/**
 * Runs a program against Pulumi's mocks, waits until every registration is through, and returns what the engine was asked for.
 * The mocks give back the inputs as state.
 */
export async function record<T>(program: () => T, options: { preview?: boolean } = {}): Promise<RecordedProgram<T>> {
  const resources = new Map<string, RecordedResource>();
  const read: string[] = [];
  const mocks: pulumi.runtime.Mocks = {
    newResource: (args) => {
      if (args.id !== undefined && args.id !== "") {
        read.push(args.id);
      }
      return { id: args.custom === false ? undefined : `${args.name}-id`, state: args.inputs };
    },
    call: (args) => args.inputs,
  };
  await pulumi.runtime.setMocks(mocks, "project", "stack", options.preview ?? false);
  const monitor: unknown = pulumi.runtime.getMonitor();
  if (!isMonitor(monitor)) {
    throw new Error("The mock monitor has no registerResource.");
  }
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, callback) =>
    register(request, (error, response) => {
      if (response !== undefined) {
        const urn = short(response.getUrn());
        resources.set(urn, recorded(urn, request));
      }
      callback(error, response);
    });
  const errors: string[] = [];
  const collect = (error: unknown) => errors.push(error instanceof Error ? error.message : String(error));
  process.on("unhandledRejection", collect);
  try {
    const result = program();
    await pulumi.runtime.disconnect();
    return { result, resources, read, errors };
  } finally {
    process.off("unhandledRejection", collect);
  }
}

/** The value an Output has when the program is through. */
export function outputValue<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply(resolve));
}

/** The recorded resource of this URN. */
export function resource(program: RecordedProgram<unknown>, urn: string): RecordedResource {
  const found = program.resources.get(urn);
  if (found === undefined) {
    throw new Error(`No resource ${urn}; there are\n${[...program.resources.keys()].join("\n")}`);
  }
  return found;
}

interface Monitor {
  registerResource(request: RegisterResourceRequest, callback: Callback): unknown;
}
type Callback = (error: unknown, response: { getUrn(): string } | undefined) => void;

function isMonitor(value: unknown): value is Monitor {
  return typeof value === "object" && value !== null && "registerResource" in value;
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
    ignoreChanges: request.getIgnorechangesList(),
    deleteBeforeReplace: request.getDeletebeforereplace(),
    timeouts: timeouts === undefined ? undefined : { create: timeouts.getCreate(), update: timeouts.getUpdate() },
  };
}

/** `urn:pulumi:stack::project::<types>::<name>` without what is the same for all. */
function short(urn: string): string {
  return urn.replace(/^urn:pulumi:stack::project::/, "");
}

/** Providers are referred to as `<urn>::<id>`. */
function providerName(reference: string): string {
  return reference.split("::").at(-2) ?? "";
}
