import { describe, expect, it } from "vitest";
import {
  checkpointState,
  parseCheckpoint,
  plainInputs,
  secretsOfState,
} from "../../../../packages/sandbox/src/provider/checkpoint";
import type { Json } from "../../../../packages/sandbox/src/provider/json";

const secret = (value: Json) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  value,
});

describe("the state of a resource", () => {
  const inputs = { apiVersion: "v1", kind: "Secret", metadata: { name: "s" }, data: { a: "aHVudGVyMg==" } };
  const live = { ...inputs, metadata: { name: "s", uid: "u" }, type: "Opaque" };
  const checkpoint = { live, inputs, initialApiVersion: "v1", fieldManager: "m" };
  const state = checkpointState(checkpoint, inputs);

  it("holds the live object and the inputs, as the official provider's does, with a Secret's data marked in both", () => {
    expect(state).toEqual({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "s", uid: "u" },
      data: secret({ a: "aHVudGVyMg==" }),
      type: "Opaque",
      __inputs: { apiVersion: "v1", kind: "Secret", metadata: { name: "s" }, data: secret({ a: "aHVudGVyMg==" }) },
      __initialApiVersion: "v1",
      __fieldManager: "m",
    });
  });

  it("is read back", () => {
    expect(parseCheckpoint(state)).toEqual(checkpoint);
  });

  it("tells what a message about it must not hold", () => {
    expect(new Set(secretsOfState(state))).toEqual(new Set(["aHVudGVyMg==", "hunter2"]));
  });

  it("is read without what older states lack", () => {
    expect(parseCheckpoint({ kind: "Namespace", __inputs: { apiVersion: "v1" } })).toEqual({
      live: { kind: "Namespace" },
      inputs: { apiVersion: "v1" },
      initialApiVersion: "v1",
      fieldManager: undefined,
    });
  });
});

it("a schema's x-kubernetes keys have underscores in properties and dashes in objects", () => {
  const properties = { spec: { versions: [{ x_kubernetes_list_type: "map", x_other: 1 }] } };
  const object = { spec: { versions: [{ "x-kubernetes-list-type": "map", x_other: 1 }] } };
  expect(plainInputs(properties)).toEqual(object);
  const state = checkpointState({ live: object, inputs: object, initialApiVersion: "v1", fieldManager: undefined }, {});
  expect(state).toEqual({ ...properties, __inputs: properties, __initialApiVersion: "v1" });
});
