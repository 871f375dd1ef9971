import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { logicalNames } from "../../manifests/naming";
import { type PlatformReference, PrometheusAuthentication } from "../../manifests/platform-reference";
import {
  assumedPlatform,
  compileScaledObject,
  makesTriggerAuthentication,
  scaledObjectMetadata,
} from "../../manifests/scaled-object";
import {
  prometheusIdentity,
  tokenIssuing,
  triggerAuthentication,
  triggerAuthenticationSpec,
} from "../../manifests/trigger-authentication";
import type { CompiledPolicy, Problem } from "../../policy/policy-input";
import { invalidArguments, isPlain, refuse } from "../arguments";
import { childOptions } from "../child-options";
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
    super("vllm-serving:index:SloAutoscaler", name, {}, opts);

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

    const child: Child = (dependsOn) => childOptions(this, opts, { deleteBeforeReplace: true, dependsOn });
    const access = makesTriggerAuthentication(args) ? prometheusAccess(name, args, child) : [];
    const scaledObject = new k8s.apiextensions.CustomResource(
      logicalNames(name).scaledObject,
      {
        apiVersion: "keda.sh/v1alpha1",
        kind: "ScaledObject",
        metadata: scaledObjectMetadata(name, args.namespace),
        spec: policy.apply(({ scaledObject }) => scaledObject.spec),
      },
      child(access),
    );

    this.scaledObjectName = scaledObject.metadata.name;
    this.explanation = policy.apply(explain);
    this.registerOutputs({ scaledObjectName: this.scaledObjectName, explanation: this.explanation });
  }
}

/** Options of a child that waits for some others. */
type Child = (dependsOn: pulumi.Resource[]) => pulumi.CustomResourceOptions;

/** The objects by which KEDA gets a token that Prometheus accepts. */
function prometheusAccess(name: string, args: SloAutoscalerArgs, child: Child): pulumi.Resource[] {
  const platform = pulumi.output(args.platform);
  const target = { name, namespace: args.namespace };
  const keda = { namespace: platform.kedaNamespace, name: platform.kedaServiceAccount };
  const identity = prometheusIdentity<pulumi.Input<string>>(target);
  const names = logicalNames(name);
  const { rbac } = k8s;
  const serviceAccount = new k8s.core.v1.ServiceAccount(names.prometheusAccess, identity.serviceAccount, child([]));
  const readerRole = new rbac.v1.Role(names.metricsReader, identity.readerRole, child([]));
  const reader = new rbac.v1.RoleBinding(
    names.metricsReader,
    identity.readerBinding,
    child([serviceAccount, readerRole]),
  );
  const token =
    args.prometheusAuthentication === PrometheusAuthentication.ServiceAccountTokenSecret
      ? new k8s.core.v1.Secret(names.tokenSecret, identity.tokenSecret, child([serviceAccount]))
      : issueTokens(names.tokenIssuer, tokenIssuing<pulumi.Input<string>>(target, keda), serviceAccount, child);
  const authentication = new k8s.apiextensions.CustomResource(
    names.prometheusAccess,
    {
      ...triggerAuthentication<pulumi.Input<string>>(target),
      spec: platform.apply((known) => triggerAuthenticationSpec(name, known)),
    },
    child([reader, token]),
  );
  return [authentication];
}

function issueTokens(
  name: string,
  issuing: ReturnType<typeof tokenIssuing<pulumi.Input<string>>>,
  serviceAccount: pulumi.Resource,
  child: Child,
): pulumi.Resource {
  const role = new k8s.rbac.v1.Role(name, issuing.role, child([]));
  return new k8s.rbac.v1.RoleBinding(name, issuing.binding, child([serviceAccount, role]));
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
    : assumedPlatform(args.prometheusAuthentication);
  const result = compileScaledObject(name, options, platform);
  return result.ok ? [] : result.problems;
}

function explain(policy: CompiledPolicy): string[] {
  return policy.explanation.map(({ path, value, because }) => `${path} = ${value}: ${because}`);
}
