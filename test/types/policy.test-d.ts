import { describe, expectTypeOf, it } from "vitest";
import type { SloAutoscalerArgs } from "../../src/components/scaling/slo-autoscaler-args";
import {
  type CapacityProfile,
  type CompiledPolicy,
  type CompileResult,
  capacityProfile,
  capacityProfileSchema,
  compilePolicy,
  type Headroom,
  type LatencyKind,
  type PolicyInput,
  type Problem,
  type ScaledObject,
  type ScaleTrigger,
  type Slo,
} from "../../src/policy";

describe("policy types", () => {
  it("a compiled policy is told apart by ok, and its object is a plain ScaledObject", () => {
    expectTypeOf(compilePolicy).parameters.toEqualTypeOf<[PolicyInput]>();
    expectTypeOf(compilePolicy).returns.toEqualTypeOf<CompileResult>();
    expectTypeOf<Extract<CompileResult, { ok: true }>["policy"]>().toEqualTypeOf<CompiledPolicy>();
    expectTypeOf<Extract<CompileResult, { ok: false }>["problems"]>().toEqualTypeOf<Problem[]>();
    expectTypeOf<CompiledPolicy["scaledObject"]>().toEqualTypeOf<ScaledObject>();
    expectTypeOf<ScaleTrigger["metadata"]>().toEqualTypeOf<Record<string, string>>();
    expectTypeOf<ScaledObject["apiVersion"]>().toEqualTypeOf<"keda.sh/v1alpha1">();
  });

  it("an SLO has a field for every latency, and no other", () => {
    expectTypeOf<keyof Slo>().toEqualTypeOf<LatencyKind>();
    expectTypeOf<LatencyKind>().toEqualTypeOf<"itl" | "tpot" | "ttft" | "e2e" | "queueTime">();
  });

  it("what components take fits what the compiler takes", () => {
    expectTypeOf<SloAutoscalerArgs["slo"]>().toExtend<PolicyInput["slo"]>();
    expectTypeOf<NonNullable<SloAutoscalerArgs["capacity"]["headroom"]>>().toEqualTypeOf<Headroom>();
    expectTypeOf<CompiledPolicy["scaledObject"]["metadata"]["name"]>().toEqualTypeOf<string>();
  });

  it("an unknown latency, a number as metadata and a missing bound are errors", () => {
    expectTypeOf<{ p99: { atMostMs: number } }>().not.toExtend<Slo>();
    expectTypeOf<{ itl: { quantile: number } }>().not.toExtend<Slo>();
    expectTypeOf<{ type: "cron"; metadata: { desiredReplicas: number } }>().not.toExtend<ScaleTrigger>();
  });

  it("profiles are plain values, or undefined for an unknown id", () => {
    expectTypeOf(capacityProfile).returns.toEqualTypeOf<CapacityProfile | undefined>();
    expectTypeOf(capacityProfileSchema.parse).returns.toEqualTypeOf<CapacityProfile>();
  });
});
