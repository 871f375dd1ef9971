import type * as pulumi from "@pulumi/pulumi";
import {
  dataScienceCluster,
  dscInitialization,
  kserveParts,
  openDataHubOperator,
  servedKinds,
} from "../../../manifests/platform/openshift/open-data-hub";
import { serverlessServing } from "../../../manifests/platform/openshift/serverless";
import { openDataHubParts, supportMessage } from "../../../manifests/platform/openshift/support";
import { PieceMode } from "../../../manifests/platform/piece";
import { ReadyObjects } from "../../cluster/ready-objects";
import { operatorsObject, patchedObject } from "../custom-resource";
import { guard } from "../guard";
import type { KServeArgs } from "../kserve-args";
import { installOperator, keptDefinitions } from "../olm-operator";
import type { BuiltPiece, PieceBuild } from "../piece";

/** Namespaces, certificates and, for Knative, a service mesh. */
const initializationSeconds = 900;
/** Some gigabytes of images; Knative Serving too. */
const componentsSeconds = 1800;

/** The operator of OpenShift AI or Open Data Hub, which gets its parts from two resources, one after the other. */
export function openDataHub(build: PieceBuild, args: KServeArgs): BuiltPiece {
  openDataHubParts(args).map(supportMessage).forEach(build.warn);
  const operator = installOperator(build, openDataHubOperator(args), "operator");
  const initialization = patchedObject(build, dscInitialization(args), {
    suffix: "initialization",
    timeoutSeconds: initializationSeconds,
    dependsOn: [operator],
  });
  const cluster = operatorsObject(build, dataScienceCluster(args), {
    suffix: "components",
    timeoutSeconds: componentsSeconds,
    dependsOn: [initialization],
  });
  const parts = new ReadyObjects(
    `${build.name}-parts`,
    { objects: kserveParts(args), kubeconfig: build.kubeconfig, timeoutSeconds: initializationSeconds },
    build.child([cluster]),
  );
  const serving = args.serverless === true ? knativeServing(build, args, cluster) : [];
  const made = [operator, initialization, cluster, parts, ...serving];
  return {
    ready: [...made, ...guard(build, servedKinds, made)],
    kept: [
      keptDefinitions("OpenShift AI or Open Data Hub"),
      "DSCInitialization default-dsci, which its operator makes by itself, and the namespaces it made.",
      ...(args.serverless === true && args.serviceMeshMode !== PieceMode.Existing
        ? [
            "ServiceMeshControlPlane istio-system/data-science-smcp, which OpenShift AI made for that DSCInitialization.",
          ]
        : []),
    ],
  };
}

/** The one that the product has made gets what models need, and whoever uses the piece waits until it serves. */
function knativeServing(build: PieceBuild, args: KServeArgs, cluster: pulumi.Resource): pulumi.Resource[] {
  const { knativeMode, longestRequestSeconds } = args;
  if (knativeMode === PieceMode.Existing) return [];
  const placement = { suffix: "serving", timeoutSeconds: componentsSeconds, dependsOn: [cluster] };
  return [patchedObject(build, serverlessServing({ longestRequestSeconds }), placement)];
}
