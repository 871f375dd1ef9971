import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { logicalNames } from "../../manifests/naming";
import type { PlatformReference } from "../../manifests/platform-reference";
import { saturationAlert, saturationRules } from "../../manifests/saturation-alert";
import {
  assumedPlatform,
  compileScaledObject,
  makesTriggerAuthentication,
  scaledObjectMetadata,
} from "../../manifests/scaled-object";
import { reasonLine } from "../../manifests/scaling-explanation";
import { HttpRouteKind } from "../../manifests/scaling-options";
import type { CompiledPolicy, Problem } from "../../policy/policy-input";
import { invalidArguments, isPlain, refuse } from "../arguments";
import { childOptions } from "../child-options";
import { makePrometheusAccess, sloAutoscalerType } from "./prometheus-access";
import type { SloAutoscalerArgs } from "./slo-autoscaler-args";

/**
 * A KEDA ScaledObject compiled from an SLO, with what KEDA needs to read Prometheus. Scales any workload with vLLM's metrics, also
 * one this program did not create.
 */
export class SloAutoscaler extends pulumi.ComponentResource {
  readonly scaledObjectName: pulumi.Output<string>;
  /** Why each field of the policy is what it is, a line each. */
  readonly explanation: pulumi.Output<string[]>;

  constructor(name: string, args: SloAutoscalerArgs, opts?: pulumi.ComponentResourceOptions) {
    refuse("SloAutoscaler", name, autoscalerProblems(name, args));
    super(sloAutoscalerType, name, {}, opts);

    const policy = pulumi
      .all([args.platform, args.namespace, args.scaleTargetRef.name])
      .apply(([platform, namespace, target]) => {
        const options = { ...args, namespace, scaleTargetRef: { ...args.scaleTargetRef, name: target } };
        const result = compileScaledObject(name, options, platform);
        if (!result.ok) {
          throw invalidArguments("SloAutoscaler", name, result.problems);
        }
        return result.policy;
      });
    policy.apply(({ warnings }) => Promise.all(warnings.map((warning) => pulumi.log.warn(warning, this))));

    const own = childOptions(this, opts, { deleteBeforeReplace: true });
    // A change of strategy keeps what a model had made for KServe's ScaledObject.
    const ofModel = opts?.parent === undefined ? [] : [{ parent: opts.parent }];
    const access = makesTriggerAuthentication(args)
      ? makePrometheusAccess(name, args, pulumi.mergeOptions(own, { aliases: ofModel }))
      : [];
    const scaledObject = new k8s.apiextensions.CustomResource(
      logicalNames(name).scaledObject,
      {
        apiVersion: "keda.sh/v1alpha1",
        kind: "ScaledObject",
        metadata: scaledObjectMetadata(name, beforeItsTargetGoes(args)),
        spec: policy.apply(({ scaledObject }) => scaledObject.spec),
      },
      pulumi.mergeOptions(own, { dependsOn: access }),
    );

    const alert = args.saturationAlert;
    if (alert !== undefined) {
      const rules = policy.apply((known) => saturationRules(name, alert, known));
      const rule = saturationAlert(name, args.namespace, alert, rules);
      new k8s.apiextensions.CustomResource(logicalNames(name).scaledObject, rule, own);
    }

    this.scaledObjectName = scaledObject.metadata.name;
    this.explanation = policy.apply(explain);
    this.registerOutputs({ scaledObjectName: this.scaledObjectName, explanation: this.explanation });
  }
}

/**
 * The namespace, as something that follows from the target. A target that is deleted to be made anew then takes the ScaledObject with it,
 * first: with `dependsOn` alone a ScaledObject that a change leaves out would go last, and KEDA take no other one for the target until then.
 */
function beforeItsTargetGoes({ namespace, scaleTargetRef }: SloAutoscalerArgs): pulumi.Output<string> {
  return pulumi.all([namespace, scaleTargetRef.name]).apply(([known]) => known);
}

/** All that can be known now: with a platform that is an Output, what would be wrong with any platform. */
function autoscalerProblems(name: string, args: SloAutoscalerArgs): Problem[] {
  const options = {
    ...args,
    namespace: typeof args.namespace === "string" ? args.namespace : "namespace",
    scaleTargetRef: {
      ...args.scaleTargetRef,
      name: typeof args.scaleTargetRef.name === "string" ? args.scaleTargetRef.name : "target",
    },
  };
  const platform = isPlain<PlatformReference>(args.platform)
    ? args.platform
    : assumedPlatform({
        authentication: args.prometheusAuthentication,
        route: args.zero?.httpScaledObject === undefined ? undefined : HttpRouteKind.HttpScaledObject,
      });
  const result = compileScaledObject(name, options, platform);
  return result.ok ? [] : result.problems;
}

function explain(policy: CompiledPolicy): string[] {
  return policy.explanation.map(reasonLine);
}
