import { credentials, Metadata, type ServiceError } from "@grpc/grpc-js";
import type { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PartialFailure } from "../../../../packages/sandbox/src/provider/partial-failure";
import { KubernetesProvider } from "../../../../packages/sandbox/src/provider/provider";
import { serveProvider } from "../../../../packages/sandbox/src/provider/server";

const logged: string[] = [];
const record = (severity: string) => async (urn: string, message: string) => {
  logged.push(`${severity} ${urn} ${message}`);
};
const provider = new KubernetesProvider({ info: record("info"), warning: record("warning"), status: record("status") });
const urn = "urn:pulumi:s::p::kubernetes:core/v1:ConfigMap::settings";
const unreachable = JSON.stringify({
  clusters: [{ name: "c", cluster: { server: "https://127.0.0.1:1" } }],
  users: [{ name: "u", user: {} }],
  contexts: [{ name: "x", context: { cluster: "c", user: "u", namespace: "team" } }],
  "current-context": "x",
});

let client: ResourceProviderClient;
beforeAll(async () => {
  const port = await serveProvider(provider, "4.34.2");
  client = new ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure());
});
afterAll(() => client.close());

type Callback<Answer> = (error: ServiceError | null, answer: Answer) => void;
function answer<Answer>(call: (callback: Callback<Answer>) => unknown): Promise<Answer> {
  return new Promise((resolve, reject) => {
    call((error, value) => (error === null ? resolve(value) : reject(error)));
  });
}

/** Without a cluster, as a preview is without one. */
describe("the plugin without a cluster", () => {
  it("tells its version", async () => {
    const info = await answer<PluginInfo>((done) => client.getPluginInfo(new Empty(), new Metadata(), {}, done));
    expect(info.getVersion()).toBe("4.34.2");
  });

  it("refuses to work before it is configured", async () => {
    const request = new proto.CheckRequest();
    request.setUrn(urn);
    await expect(answer((done) => client.check(request, done))).rejects.toThrow("The provider is not configured.");
  });

  it("says that it is in use, that the cluster is unreachable, and what it supports", async () => {
    const request = new proto.ConfigureRequest();
    request.setUrn("provider-urn");
    request.getVariablesMap().set("kubernetes:config:kubeconfig", unreachable);
    const response = await answer<proto.ConfigureResponse>((done) => client.configure(request, done));
    expect(response.toObject()).toMatchObject({
      acceptsecrets: true,
      supportspreview: true,
      acceptresources: false,
      acceptoutputs: false,
      supportsAutonamingConfiguration: true,
    });
    expect(logged).toEqual([
      "info provider-urn The sandbox's stand-in for the official Kubernetes provider is in use; see docs/sandbox.md.",
      "warning provider-urn configured Kubernetes cluster is unreachable: GET https://127.0.0.1:1/apis: connect ECONNREFUSED 127.0.0.1:1",
    ]);
  });

  it("checks inputs: name, namespace, type", async () => {
    const request = new proto.CheckRequest();
    request.setUrn(urn);
    request.setNews(Struct.fromJavaScript({ data: { a: "1" } }));
    request.setRandomseed(Buffer.from("seed"));
    const response = await answer<proto.CheckResponse>((done) => client.check(request, done));
    expect(response.getInputs()?.toJavaScript()).toEqual({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: {
        name: "settings-19b25856",
        namespace: "team",
        annotations: { "pulumi.com/autonamed": "true" },
      },
      data: { a: "1" },
    });
  });

  it.each([
    ["kubernetes:helm.sh/v4:Chart", "helm.sh/v4 Chart: the sandbox's stand-in"],
    ["kubernetes:core/v1:ConfigMapList", "list resources exist for compatibility with YAML manifests"],
  ])("refuses %s", async (type, message) => {
    const request = new proto.CheckRequest();
    request.setUrn(`urn:pulumi:s::p::${type}::r`);
    request.setNews(Struct.fromJavaScript({}));
    await expect(answer((done) => client.check(request, done))).rejects.toThrow(message);
  });

  it("answers a diff in detail", async () => {
    const inputs = (value: string) => ({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "n", namespace: "team" },
      data: { a: value },
    });
    const request = new proto.DiffRequest();
    request.setUrn(urn);
    request.setOlds(Struct.fromJavaScript({ ...inputs("1"), __inputs: inputs("1") }));
    request.setNews(Struct.fromJavaScript(inputs("2")));
    const response = await answer<proto.DiffResponse>((done) => client.diff(request, done));
    expect(response.toObject()).toMatchObject({
      changes: proto.DiffResponse.DiffChanges.DIFF_SOME,
      replacesList: ["data.a"],
      deletebeforereplace: true,
      hasdetaileddiff: true,
      detaileddiffMap: [["data.a", { kind: proto.PropertyDiff.Kind.UPDATE_REPLACE, inputdiff: false }]],
    });
  });

  const create = (preview: boolean) => {
    const request = new proto.CreateRequest();
    request.setUrn(urn);
    request.setPreview(preview);
    request.setProperties(Struct.fromJavaScript({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "n" } }));
    return answer<proto.CreateResponse>((done) => client.create(request, done));
  };

  it("previews a create with the inputs", async () => {
    const response = await create(true);
    expect(response.getId()).toBe("");
    expect(response.getProperties()?.toJavaScript()).toEqual({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "n" },
    });
  });

  it("cannot create", async () => {
    await expect(create(false)).rejects.toThrow(
      "configured Kubernetes cluster is unreachable: GET https://127.0.0.1:1/apis: connect ECONNREFUSED 127.0.0.1:1",
    );
  });

  it("compares its own settings", async () => {
    const request = new proto.DiffRequest();
    request.setOlds(Struct.fromJavaScript({ kubeconfig: unreachable }));
    request.setNews(Struct.fromJavaScript({ kubeconfig: unreachable.replace(":1", ":2") }));
    const response = await answer<proto.DiffResponse>((done) => client.diffConfig(request, done));
    expect(response.getReplacesList()).toEqual(["kubeconfig"]);
  });
});

it("an object that exists but is not ready goes back with its state and the reasons", async () => {
  const failing = new KubernetesProvider({
    info: record("info"),
    warning: record("warning"),
    status: record("status"),
  });
  failing.create = async () => {
    throw new PartialFailure("not ready", "ns/n", { kind: "Deployment" }, ["not ready", "no nodes"], { spec: {} });
  };
  const port = await serveProvider(failing, "4.34.2");
  const failingClient = new ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure());
  const error = await new Promise<ServiceError | null>((resolve) => {
    failingClient.create(new proto.CreateRequest(), (failure) => resolve(failure));
  });
  failingClient.close();

  const [details] = error?.metadata.get("grpc-status-details-bin") ?? [];
  const status = Status.deserializeBinary(Buffer.from(details ?? ""));
  const [any] = status.getDetailsList();
  const failure = any?.unpack(proto.ErrorResourceInitFailed.deserializeBinary, "pulumirpc.ErrorResourceInitFailed");
  expect(error?.details).toBe("not ready");
  expect(any?.getTypeUrl()).toBe("type.googleapis.com/pulumirpc.ErrorResourceInitFailed");
  expect(failure?.getId()).toBe("ns/n");
  expect(failure?.getReasonsList()).toEqual(["not ready", "no nodes"]);
  expect(failure?.getProperties()?.toJavaScript()).toEqual({ kind: "Deployment" });
  expect(failure?.getInputs()?.toJavaScript()).toEqual({ spec: {} });
});
