import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { credentials, Server, ServerCredentials, type ServiceError } from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { type LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import type { SandboxState } from "@vllm-serving/sandbox";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { type JsonObject, toJsonObject } from "../../../../packages/sandbox/src/provider/json";
import { kubernetesSdkVersion } from "../../../../packages/sandbox/src/provider/sdk-version";

/** An operation that failed, with the state it left behind where there is one. */
export class ProviderFailure extends Error {
  constructor(
    message: string,
    /** Of an object that exists but is not ready; undefined when nothing was made. */
    readonly initialization: { id: string; state: JsonObject; reasons: string[]; inputs: JsonObject } | undefined,
  ) {
    super(message);
    this.name = "ProviderFailure";
  }
}

export interface PropertyChange {
  kind: string;
  inputDiff: boolean;
}

export interface DiffAnswer {
  changes: boolean;
  replaces: string[];
  deleteBeforeReplace: boolean;
  detailed: Record<string, PropertyChange>;
}

export interface ReadAnswer {
  /** Empty when the object is gone. */
  id: string;
  properties: JsonObject;
  inputs: JsonObject;
}

export interface LogLine {
  urn: string;
  severity: "info" | "warning" | "error";
  message: string;
}

/** The Kubernetes provider that a sandbox uses, whichever it is. */
export function providerProgram(sandbox: SandboxState): string {
  const home = sandbox.pulumiEnvironment.PULUMI_HOME ?? "";
  return join(home, "plugins", `resource-kubernetes-v${kubernetesSdkVersion()}`, "pulumi-resource-kubernetes");
}

/** A provider's process and the calls that Pulumi's engine makes to it. */
export class ProviderPlugin {
  private constructor(
    private readonly process: ChildProcess,
    private readonly client: ResourceProviderClient,
    private readonly engine: Server,
    /** What was said to the person, without progress lines. */
    readonly logs: LogLine[],
  ) {}

  /** Starts the program and configures it. `variables` are the provider's arguments beside the kubeconfig. */
  static async start(
    program: string,
    environment: Record<string, string>,
    variables: Record<string, string>,
  ): Promise<ProviderPlugin> {
    const logs: LogLine[] = [];
    const engine = engineServer(logs);
    const enginePort = await listen(engine);
    const child = spawn(program, [`127.0.0.1:${enginePort}`], {
      env: { ...process.env, ...environment },
      stdio: ["ignore", "pipe", "ignore"],
    });
    const [port] = await once(createInterface({ input: child.stdout }), "line");
    child.stdout.resume();
    const client = new ResourceProviderClient(`127.0.0.1:${String(port).trim()}`, credentials.createInsecure(), {
      "grpc.max_receive_message_length": -1,
      "grpc.max_metadata_size": 1 << 20,
    });
    const plugin = new ProviderPlugin(child, client, engine, logs);
    await plugin.configure(variables);
    return plugin;
  }

  private async configure(variables: Record<string, string>): Promise<void> {
    const request = new proto.ConfigureRequest();
    request.setAcceptsecrets(true);
    request.setAcceptresources(true);
    request.setUrn("urn:pulumi:test::test::pulumi:providers:kubernetes::provider");
    request.setArgs(toStruct(variables));
    for (const [name, value] of Object.entries(variables)) {
      request.getVariablesMap().set(`kubernetes:config:${name}`, value);
    }
    await call((done) => this.client.configure(request, done));
  }

  async check(urn: string, olds: JsonObject, news: JsonObject): Promise<JsonObject> {
    const request = new proto.CheckRequest();
    request.setUrn(urn);
    if (Object.keys(olds).length > 0) request.setOlds(toStruct(olds));
    request.setNews(toStruct(news));
    request.setRandomseed(Buffer.from(urn.padEnd(32, "-")).subarray(0, 32));
    const response = await call<proto.CheckResponse>((done) => this.client.check(request, done));
    const failures = response.getFailuresList().map((each) => `${each.getProperty()}${each.getReason()}`);
    if (failures.length > 0) throw new ProviderFailure(failures.join("\n"), undefined);
    return fromStruct(response.getInputs());
  }

  async diff(urn: string, id: string, olds: JsonObject, news: JsonObject, ignored: string[]): Promise<DiffAnswer> {
    const request = new proto.DiffRequest();
    request.setUrn(urn);
    request.setId(id);
    request.setOlds(toStruct(olds));
    request.setNews(toStruct(news));
    request.setIgnorechangesList(ignored);
    const response = await call<proto.DiffResponse>((done) => this.client.diff(request, done));
    const kinds = Object.entries(proto.PropertyDiff.Kind);
    const detailed = response.getDetaileddiffMap().getEntryList();
    return {
      changes: response.getChanges() === proto.DiffResponse.DiffChanges.DIFF_SOME,
      replaces: response.getReplacesList().sort(),
      deleteBeforeReplace: response.getDeletebeforereplace(),
      detailed: Object.fromEntries(
        detailed.sort().map(([path]) => {
          const change = response.getDetaileddiffMap().get(path);
          const kind = kinds.find(([, value]) => value === change?.getKind())?.[0] ?? "";
          return [path, { kind, inputDiff: change?.getInputdiff() ?? false }];
        }),
      ),
    };
  }

  async create(
    urn: string,
    properties: JsonObject,
    timeoutSeconds = 0,
    preview = false,
  ): Promise<{ id: string; properties: JsonObject }> {
    const request = new proto.CreateRequest();
    request.setUrn(urn);
    request.setProperties(toStruct(properties));
    request.setTimeout(timeoutSeconds);
    request.setPreview(preview);
    const response = await call<proto.CreateResponse>((done) => this.client.create(request, done));
    return { id: response.getId(), properties: fromStruct(response.getProperties()) };
  }

  async update(
    urn: string,
    id: string,
    olds: JsonObject,
    news: JsonObject,
    options: { ignoreChanges?: string[]; timeoutSeconds?: number; preview?: boolean } = {},
  ): Promise<JsonObject> {
    const request = new proto.UpdateRequest();
    request.setUrn(urn);
    request.setId(id);
    request.setOlds(toStruct(olds));
    request.setNews(toStruct(news));
    request.setIgnorechangesList(options.ignoreChanges ?? []);
    request.setTimeout(options.timeoutSeconds ?? 0);
    request.setPreview(options.preview ?? false);
    const response = await call<proto.UpdateResponse>((done) => this.client.update(request, done));
    return fromStruct(response.getProperties());
  }

  async read(urn: string, id: string, properties: JsonObject, inputs: JsonObject): Promise<ReadAnswer> {
    const request = new proto.ReadRequest();
    request.setUrn(urn);
    request.setId(id);
    request.setProperties(toStruct(properties));
    request.setInputs(toStruct(inputs));
    const response = await call<proto.ReadResponse>((done) => this.client.read(request, done));
    return {
      id: response.getId(),
      properties: fromStruct(response.getProperties()),
      inputs: fromStruct(response.getInputs()),
    };
  }

  async delete(urn: string, id: string, properties: JsonObject, timeoutSeconds = 0): Promise<void> {
    const request = new proto.DeleteRequest();
    request.setUrn(urn);
    request.setId(id);
    request.setProperties(toStruct(properties));
    request.setTimeout(timeoutSeconds);
    await call<Empty>((done) => this.client.delete(request, done));
  }

  async stop(): Promise<void> {
    this.client.close();
    this.engine.forceShutdown();
    if (this.process.exitCode !== null) return;
    this.process.kill();
    await once(this.process, "exit");
  }
}

function engineServer(logs: LogLine[]): Server {
  const server = new Server();
  const severities = {
    [LogSeverity.INFO]: "info",
    [LogSeverity.WARNING]: "warning",
    [LogSeverity.ERROR]: "error",
  } as const;
  server.addService(EngineService, {
    log: (handled: { request: LogRequest }, done: (error: null, response: Empty) => void) => {
      const severity = handled.request.getSeverity();
      const isShown = !handled.request.getEphemeral() && severity !== LogSeverity.DEBUG;
      if (isShown) {
        logs.push({
          urn: handled.request.getUrn(),
          severity: severities[severity],
          message: handled.request.getMessage(),
        });
      }
      done(null, new Empty());
    },
  });
  return server;
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) =>
      error === null ? resolve(port) : reject(error),
    );
  });
}

function call<Response>(
  start: (done: (error: ServiceError | null, response: Response) => void) => unknown,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    start((error, response) => (error === null ? resolve(response) : reject(failureOf(error))));
  });
}

function failureOf(error: ServiceError): ProviderFailure {
  const [details] = error.metadata.get("grpc-status-details-bin");
  if (!(details instanceof Uint8Array)) return new ProviderFailure(error.details, undefined);
  const [packed] = Status.deserializeBinary(details).getDetailsList();
  if (packed?.getTypeName() !== "pulumirpc.ErrorResourceInitFailed")
    return new ProviderFailure(error.details, undefined);
  const failure = proto.ErrorResourceInitFailed.deserializeBinary(packed.getValue_asU8());
  return new ProviderFailure(error.details, {
    id: failure.getId(),
    state: fromStruct(failure.getProperties()),
    reasons: failure.getReasonsList(),
    inputs: fromStruct(failure.getInputs()),
  });
}

function fromStruct(struct: Struct | undefined): JsonObject {
  return toJsonObject(struct?.toJavaScript());
}

function toStruct(object: JsonObject): Struct {
  return Struct.fromJavaScript(object);
}
