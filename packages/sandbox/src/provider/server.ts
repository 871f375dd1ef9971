import { type handleUnaryCall, Metadata, Server, ServerCredentials, type ServiceError, status } from "@grpc/grpc-js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { messageOf } from "../message-of";
import { CheckFailure } from "./check-failure";
import type { DiffKind } from "./diff";
import type { ResourceDiff } from "./diff-resource";
import { type JsonObject, toJsonObject } from "./json";
import { diffProviderConfig } from "./kubeconfig";
import type { Autonaming } from "./naming";
import { PartialFailure } from "./partial-failure";
import { withoutSecretMarks } from "./property-values";
import type { KubernetesProvider } from "./provider";

/** What is served; `KubernetesProvider` in production. */
type ServedProvider = Pick<
  KubernetesProvider,
  "configure" | "check" | "diff" | "create" | "read" | "update" | "delete" | "cancel"
>;

/**
 * Serves the provider on a free port of 127.0.0.1. `@pulumi/pulumi/provider` is not enough here: its server has no
 * preview flag, configuration, detailed diff or ignored changes.
 * @returns the port.
 */
export async function serveProvider(provider: ServedProvider, version: string): Promise<number> {
  const server = new Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
  server.addService(ResourceProviderService, handlers(provider, version));
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
      if (error === null) resolve(port);
      else reject(error);
    });
  });
}

/** Methods that are missing here answer that they are not implemented. */
function handlers(provider: ServedProvider, version: string) {
  return {
    getPluginInfo: unary(async () => {
      const info = new PluginInfo();
      info.setVersion(version);
      return info;
    }),
    getSchema: unary(async () => {
      const response = new proto.GetSchemaResponse();
      response.setSchema(JSON.stringify({ name: "kubernetes", version }));
      return response;
    }),
    attach: unary(async () => new Empty()),
    cancel: unary(async () => {
      provider.cancel();
      return new Empty();
    }),

    checkConfig: unary(async (request: proto.CheckRequest) => {
      const response = new proto.CheckResponse();
      response.setInputs(request.getNews());
      return response;
    }),
    diffConfig: unary(async (request: proto.DiffRequest) => {
      const olds = withoutSecretMarks(fromStruct(request.getOlds()));
      const news = withoutSecretMarks(fromStruct(request.getNews()));
      const diff = diffProviderConfig(olds, news);
      const response = new proto.DiffResponse();
      response.setChanges(
        diff.changes ? proto.DiffResponse.DiffChanges.DIFF_SOME : proto.DiffResponse.DiffChanges.DIFF_NONE,
      );
      response.setDiffsList(diff.diffs);
      response.setReplacesList(diff.replaces);
      return response;
    }),
    configure: unary(async (request: proto.ConfigureRequest) => {
      const variables = new Map<string, string>(request.getVariablesMap().getEntryList());
      await provider.configure({ urn: request.getUrn() ?? "", variables });
      const response = new proto.ConfigureResponse();
      response.setAcceptsecrets(true);
      response.setSupportspreview(true);
      response.setSupportsAutonamingConfiguration(true);
      return response;
    }),
    invoke: unary(async (request: proto.InvokeRequest): Promise<proto.InvokeResponse> => {
      throw new Error(`${request.getTok()}: the sandbox's stand-in for the Kubernetes provider has no functions.`);
    }),

    check: unary(async (request: proto.CheckRequest) => {
      return checked(
        request,
        provider.check({
          urn: request.getUrn(),
          olds: fromStruct(request.getOlds()),
          news: fromStruct(request.getNews()),
          randomSeed: request.getRandomseed_asU8(),
          autonaming: autonamingOf(request.getAutonaming()),
        }),
      );
    }),
    diff: unary(async (request: proto.DiffRequest) => {
      const diff = await provider.diff({
        urn: request.getUrn(),
        olds: fromStruct(request.getOlds()),
        news: fromStruct(request.getNews()),
        ignoreChanges: request.getIgnorechangesList(),
      });
      return diffResponse(diff);
    }),
    create: unary(async (request: proto.CreateRequest) => {
      const created = await provider.create({
        urn: request.getUrn(),
        properties: fromStruct(request.getProperties()),
        timeoutSeconds: request.getTimeout(),
        preview: request.getPreview(),
      });
      const response = new proto.CreateResponse();
      response.setId(created.id);
      response.setProperties(toStruct(created.properties));
      return response;
    }),
    read: unary(async (request: proto.ReadRequest) => {
      const read = await provider.read({
        id: request.getId(),
        urn: request.getUrn(),
        properties: fromStruct(request.getProperties()),
        inputs: fromStruct(request.getInputs()),
      });
      const response = new proto.ReadResponse();
      response.setId(read.id);
      if (read.id === "") return response;
      response.setProperties(toStruct(read.properties));
      response.setInputs(toStruct(read.inputs));
      return response;
    }),
    update: unary(async (request: proto.UpdateRequest) => {
      const properties = await provider.update({
        urn: request.getUrn(),
        olds: fromStruct(request.getOlds()),
        news: fromStruct(request.getNews()),
        ignoreChanges: request.getIgnorechangesList(),
        timeoutSeconds: request.getTimeout(),
        preview: request.getPreview(),
      });
      const response = new proto.UpdateResponse();
      response.setProperties(toStruct(properties));
      return response;
    }),
    delete: unary(async (request: proto.DeleteRequest) => {
      await provider.delete({
        id: request.getId(),
        urn: request.getUrn(),
        properties: fromStruct(request.getProperties()),
        timeoutSeconds: request.getTimeout(),
      });
      return new Empty();
    }),
  };
}

async function checked(request: proto.CheckRequest, inputs: Promise<JsonObject>): Promise<proto.CheckResponse> {
  const response = new proto.CheckResponse();
  try {
    response.setInputs(toStruct(await inputs));
  } catch (error) {
    if (!(error instanceof CheckFailure)) throw error;
    const failure = new proto.CheckFailure();
    failure.setProperty(error.property);
    failure.setReason(error.reason);
    response.setInputs(request.getNews());
    response.setFailuresList([failure]);
  }
  return response;
}

function unary<Request, Response>(handle: (request: Request) => Promise<Response>): handleUnaryCall<Request, Response> {
  return (call, callback) => {
    handle(call.request).then(
      (response) => callback(null, response),
      (error: unknown) => callback(serviceError(error), null),
    );
  };
}

function serviceError(error: unknown): Partial<ServiceError> {
  const message = messageOf(error);
  const metadata = new Metadata();
  if (error instanceof PartialFailure) metadata.add("grpc-status-details-bin", partialFailureDetails(error));
  return { code: status.UNKNOWN, details: message, metadata };
}

/** gRPC's place for a structured error: a Status with the initialization failure in it. */
function partialFailureDetails(error: PartialFailure): Buffer {
  const failure = new proto.ErrorResourceInitFailed();
  failure.setId(error.id);
  failure.setProperties(toStruct(error.state));
  failure.setReasonsList(error.reasons);
  if (error.inputs !== undefined) failure.setInputs(toStruct(error.inputs));
  const packed = new Any();
  packed.pack(failure.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const details = new Status();
  details.setCode(status.UNKNOWN);
  details.setMessage(error.message);
  details.addDetails(packed);
  return Buffer.from(details.serializeBinary());
}

const diffKinds: Record<DiffKind, proto.PropertyDiff.Kind> = {
  add: proto.PropertyDiff.Kind.ADD,
  "add-replace": proto.PropertyDiff.Kind.ADD_REPLACE,
  delete: proto.PropertyDiff.Kind.DELETE,
  "delete-replace": proto.PropertyDiff.Kind.DELETE_REPLACE,
  update: proto.PropertyDiff.Kind.UPDATE,
  "update-replace": proto.PropertyDiff.Kind.UPDATE_REPLACE,
};

function diffResponse(diff: ResourceDiff): proto.DiffResponse {
  const { DIFF_SOME, DIFF_NONE } = proto.DiffResponse.DiffChanges;
  const response = new proto.DiffResponse();
  response.setChanges(diff.changes.size + diff.replaces.length > 0 ? DIFF_SOME : DIFF_NONE);
  response.setReplacesList(diff.replaces);
  response.setDeletebeforereplace(diff.deleteBeforeReplace);
  response.setHasdetaileddiff(true);
  for (const [path, { kind, inputDiff }] of diff.changes) {
    const change = new proto.PropertyDiff();
    change.setKind(diffKinds[kind]);
    change.setInputdiff(inputDiff);
    response.getDetaileddiffMap().set(path, change);
  }
  return response;
}

function autonamingOf(options: proto.CheckRequest.AutonamingOptions | undefined): Autonaming | undefined {
  if (options === undefined) return undefined;
  const { DISABLE, ENFORCE } = proto.CheckRequest.AutonamingOptions.Mode;
  const mode = options.getMode();
  return {
    mode: mode === DISABLE ? "disable" : mode === ENFORCE ? "enforce" : "propose",
    proposedName: options.getProposedName(),
  };
}

function fromStruct(struct: Struct | undefined): JsonObject {
  return toJsonObject(struct?.toJavaScript());
}

function toStruct(object: JsonObject): Struct {
  return Struct.fromJavaScript(object);
}
