import { describe, expect, it } from "vitest";
import { normalizeInputs } from "../../../../packages/sandbox/src/provider/normalize";

const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

describe("normalizeInputs", () => {
  it("writes quantities as the API server does, in requests, limits, capacity and sizeLimit", () => {
    const pod = (cpu: string | number, memory: string, sizeLimit: string) => ({
      apiVersion: "apps/v1",
      kind: "Deployment",
      spec: {
        template: {
          spec: {
            containers: [{ name: "c", resources: { requests: { cpu, memory }, limits: { memory } } }],
            volumes: [{ name: "shm", emptyDir: { sizeLimit } }],
          },
        },
      },
    });
    expect(normalizeInputs(pod(2, "1024Mi", "0.5Gi"))).toEqual(pod("2", "1Gi", "512Mi"));
    const volume = (storage: string) => ({
      apiVersion: "v1",
      kind: "PersistentVolume",
      spec: { capacity: { storage } },
    });
    expect(normalizeInputs(volume("1024Gi"))).toEqual(volume("1Ti"));
  });

  it("drops nulls of built-in kinds, and keeps empty values", () => {
    expect(
      normalizeInputs({
        apiVersion: "v1",
        kind: "Service",
        spec: { clusterIP: null, ports: [{ port: 80, name: null }], selector: {}, publishNotReadyAddresses: false },
      }),
    ).toEqual({
      apiVersion: "v1",
      kind: "Service",
      spec: { ports: [{ port: 80 }], selector: {}, publishNotReadyAddresses: false },
    });
  });

  it("moves stringData into data, over what is there", () => {
    expect(
      normalizeInputs({
        apiVersion: "v1",
        kind: "Secret",
        data: { a: "YQ==\n", b: "Yg==" },
        stringData: { b: "B", c: "ü" },
      }),
    ).toEqual({ apiVersion: "v1", kind: "Secret", data: { a: "YQ==", b: "Qg==", c: "w7w=" } });
  });

  it("leaves data that is not base64 for the API server to refuse", () => {
    const secret = { apiVersion: "v1", kind: "Secret", data: { a: "not base64!" } };
    expect(normalizeInputs(secret)).toEqual(secret);
  });

  it("leaves custom resources and ConfigMaps as they are", () => {
    const scaledObject = {
      apiVersion: "keda.sh/v1alpha1",
      kind: "ScaledObject",
      spec: { limits: { a: "1000m" }, b: null },
    };
    expect(normalizeInputs(scaledObject)).toEqual(scaledObject);
    const configMap = { apiVersion: "v1", kind: "ConfigMap", data: { capacity: "1000m" } };
    expect(normalizeInputs(configMap)).toEqual(configMap);
  });

  it("drops a definition's status and the default of preserveUnknownFields", () => {
    const definition = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" };
    expect(
      normalizeInputs({
        ...definition,
        spec: { group: "g", preserveUnknownFields: false },
        status: { conditions: [] },
      }),
    ).toEqual({ ...definition, spec: { group: "g" } });
  });

  it("only drops read-only metadata while a value is unknown", () => {
    const metadata = {
      name: "n",
      uid: "u",
      resourceVersion: "1",
      generation: 2,
      managedFields: [],
      creationTimestamp: null,
    };
    const spec = { capacity: { storage: "1024Gi" }, nfs: { server: unknown } };
    expect(normalizeInputs({ apiVersion: "v1", kind: "PersistentVolume", metadata, spec })).toEqual({
      apiVersion: "v1",
      kind: "PersistentVolume",
      metadata: { name: "n" },
      spec,
    });
  });
});
