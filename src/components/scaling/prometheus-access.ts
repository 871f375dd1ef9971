import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { logicalNames } from "../../manifests/naming";
import { type PlatformReference, PrometheusAuthentication } from "../../manifests/platform-reference";
import {
  prometheusIdentity,
  tokenIssuing,
  triggerAuthentication,
  triggerAuthenticationSpec,
} from "../../manifests/trigger-authentication";

/** Options of a child that waits for some others. */
type Child = (dependsOn: pulumi.Resource[]) => pulumi.CustomResourceOptions;

/** Type of the component that makes them, unless a model does so itself. */
export const sloAutoscalerType = "vllm-serving:index:SloAutoscaler";

/** What the objects are made from. */
export interface PrometheusAccessArgs {
  namespace: pulumi.Input<string>;
  platform: pulumi.Input<PlatformReference>;
  prometheusAuthentication?: PrometheusAuthentication;
}

/** Makes the objects by which KEDA gets credentials that Prometheus accepts, and returns the last of them. */
export function makePrometheusAccess(
  name: string,
  args: PrometheusAccessArgs,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const own = pulumi.mergeOptions(opts, { deleteBeforeReplace: true });
  const child: Child = (dependsOn) => pulumi.mergeOptions(own, { dependsOn });
  const platform = pulumi.output(args.platform);
  const target = { name, namespace: args.namespace };
  const identity =
    args.prometheusAuthentication === PrometheusAuthentication.Basic ? [] : makeIdentity(name, args, child);
  const authentication = new k8s.apiextensions.CustomResource(
    logicalNames(name).prometheusAccess,
    {
      ...triggerAuthentication<pulumi.Input<string>>(target),
      spec: platform.apply((known) => triggerAuthenticationSpec(name, known)),
    },
    child(identity),
  );
  return [authentication];
}

/** A ServiceAccount that Prometheus answers, and a way to a token of it. */
function makeIdentity(name: string, args: PrometheusAccessArgs, child: Child): pulumi.Resource[] {
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
  return [reader, token];
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
