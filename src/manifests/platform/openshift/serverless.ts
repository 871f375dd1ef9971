import { channels } from "../../../versions";
import { knativeServing, type PlatformKnative } from "../knative";
import { type OperatorInstallation, operatorInstallation } from "../operator";
import type { OperatorSource } from "../piece";

export function serverlessOperator(source: OperatorSource | undefined): OperatorInstallation {
  return operatorInstallation(
    {
      package: "serverless-operator",
      namespace: "openshift-serverless",
      channel: channels.serverless,
      catalog: "redhat-operators",
      targetNamespaces: undefined,
    },
    source,
  );
}

/** Version and gateway are the operator's: it takes its own Kourier. */
export function serverlessServing(given: PlatformKnative) {
  const { spec, ...serving } = knativeServing(given);
  const { defaults, features } = spec.config;
  return { ...serving, spec: { config: { defaults, features } } };
}

/** What OpenShift AI 2 puts in front of its Serverless mode: Service Mesh 2, and Authorino for tokens. */
export function serverlessMesh(source: OperatorSource | undefined): OperatorInstallation[] {
  return [
    { package: "servicemeshoperator", channel: channels.serviceMesh },
    { package: "authorino-operator", channel: channels.authorino },
  ].map((operator) =>
    operatorInstallation(
      {
        ...operator,
        // Has an OperatorGroup for all namespaces on every cluster.
        namespace: "openshift-operators",
        catalog: "redhat-operators",
        targetNamespaces: undefined,
      },
      source,
    ),
  );
}
