import type { Input, Output } from "@pulumi/pulumi";
import { describe, expectTypeOf, it } from "vitest";
import type {
  ModelWeights,
  ModelWeightsArgs,
  PlatformReference,
  ServedModel,
  ServedModelArgs,
  ServingPlatform,
  ServingPlatformArgs,
  SloAutoscalerArgs,
  VllmServer,
  VllmServerArgs,
} from "../../src";
import type {
  ServedModelOptions,
  ServingPlatformOptions,
  SloAutoscalerOptions,
  VllmServerOptions,
} from "../../src/manifests";

describe("arguments of components", () => {
  it("take what manifests take, so that both come from one definition", () => {
    expectTypeOf<ServedModelOptions>().toExtend<Omit<ServedModelArgs, "platform">>();
    expectTypeOf<VllmServerOptions>().toExtend<VllmServerArgs>();
    expectTypeOf<SloAutoscalerOptions>().toExtend<Omit<SloAutoscalerArgs, "platform">>();
    expectTypeOf<ServingPlatformOptions>().toExtend<ServingPlatformArgs>();
  });

  it("are Inputs where values come from other resources, and plain where they decide what is made", () => {
    expectTypeOf<VllmServerArgs["namespace"]>().toEqualTypeOf<Input<string>>();
    expectTypeOf<VllmServerArgs["weightsClaim"]>().toEqualTypeOf<Input<string> | undefined>();
    expectTypeOf<ModelWeightsArgs["nfs"]["server"]>().toEqualTypeOf<Input<string>>();
    expectTypeOf<SloAutoscalerArgs["scaleTargetRef"]["name"]>().toEqualTypeOf<Input<string>>();
    expectTypeOf<NonNullable<ServingPlatformArgs["prometheus"]>["url"]>().toEqualTypeOf<Input<string> | undefined>();
    expectTypeOf<ServedModelArgs["platform"]>().toEqualTypeOf<Input<PlatformReference>>();
    expectTypeOf<ServedModelArgs["createNamespace"]>().toEqualTypeOf<boolean | undefined>();
    expectTypeOf<ServingPlatformArgs["distribution"]>().toEqualTypeOf<"kubernetes" | "openshift">();
  });

  it("take the literals of enumerations, and no others", () => {
    expectTypeOf<"boundServiceAccountToken">().toExtend<NonNullable<ServedModelArgs["prometheusAuthentication"]>>();
    expectTypeOf<"bearer">().not.toExtend<NonNullable<ServedModelArgs["prometheusAuthentication"]>>();
    expectTypeOf<"loose">().toExtend<NonNullable<SloAutoscalerArgs["capacity"]["headroom"]>>();
    expectTypeOf<"tight">().not.toExtend<NonNullable<SloAutoscalerArgs["capacity"]["headroom"]>>();
    expectTypeOf<"rps">().toExtend<Scaling["knative"]["metric"]>();
    expectTypeOf<"qps">().not.toExtend<Scaling["knative"]["metric"]>();
  });

  it("need the most replicas; an SLO and a capacity where nothing else names a target", () => {
    expectTypeOf<Omit<SloAutoscalerArgs, "slo">>().not.toExtend<SloAutoscalerArgs>();
    expectTypeOf<Omit<SloAutoscalerArgs, "capacity">>().not.toExtend<SloAutoscalerArgs>();
    expectTypeOf<{ min: number }>().not.toExtend<ServedModelArgs["replicas"]>();
  });
});

type Scaling = Required<{ [Block in keyof Given]: NonNullable<Given[Block]> }>;
type Given = Required<NonNullable<ServedModelArgs["scaling"]>>;

describe("outputs of components", () => {
  it("fit the arguments of the next", () => {
    expectTypeOf<ServingPlatform["reference"]>().toExtend<ServedModelArgs["platform"]>();
    expectTypeOf<ModelWeights["claimName"]>().toExtend<VllmServerArgs["weightsClaim"]>();
    expectTypeOf<VllmServer["deploymentName"]>().toExtend<SloAutoscalerArgs["scaleTargetRef"]["name"]>();
  });

  it("are known by name and type", () => {
    expectTypeOf<ServedModel["url"]>().toEqualTypeOf<Output<string>>();
    expectTypeOf<ServedModel["externalUrl"]>().toEqualTypeOf<Output<string>>();
    expectTypeOf<ServedModel["explanation"]>().toEqualTypeOf<Output<string[]>>();
    expectTypeOf<VllmServer["podLabels"]>().toEqualTypeOf<Output<Record<string, string>>>();
  });
});
