import type * as pulumi from "@pulumi/pulumi";
import {
  dataScienceCluster,
  dscInitialization,
  kserveParts,
  openDataHubOperator,
  openDataHubWarnings,
} from "../../../manifests/platform/openshift/open-data-hub";
import { serverlessMesh, serverlessOperator } from "../../../manifests/platform/openshift/serverless";
import { ReadyObjects } from "../../cluster/ready-objects";
import { operatorsObject, patchedObject } from "../custom-resource";
import type { KServeArgs } from "../kserve-args";
import { installOperator, keptDefinitions } from "../olm-operator";
import type { BuiltPiece, PieceBuild } from "../piece";

/** Namespaces, certificates and, for Serverless, a service mesh. */
const initializationSeconds = 900;
/** Some gigabytes of images; for Serverless, Knative Serving too. */
const componentsSeconds = 1800;

/** The operator of OpenShift AI or Open Data Hub, which gets its parts from two resources, one after the other. */
export function openDataHub(build: PieceBuild, args: KServeArgs): BuiltPiece {
  openDataHubWarnings(args).forEach(build.warn);
  const before = args.serverless === true ? serverlessOperators(build, args) : [];
  const operator = installOperator(build, openDataHubOperator(args), "operator", before);
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
  return {
    ready: [...before, operator, initialization, cluster, parts],
    kept: [
      keptDefinitions("OpenShift AI or Open Data Hub"),
      "DSCInitialization default-dsci, which its operator makes by itself, and the namespaces it made.",
    ],
  };
}

/** One after the other: OLM resolves a namespace as a whole. */
function serverlessOperators(build: PieceBuild, args: KServeArgs): pulumi.Resource[] {
  const source = mirrored(args);
  const made: pulumi.Resource[] = [];
  for (const operator of [serverlessOperator(source), ...serverlessMesh(source)]) {
    made.push(installOperator(build, operator, operator.package, [...made]));
  }
  return made;
}

/** Channel and version are those of one operator; a mirrored catalog may have all of them. */
function mirrored({ operator }: KServeArgs) {
  return operator?.catalog === undefined
    ? undefined
    : { catalog: operator.catalog, catalogNamespace: operator.catalogNamespace };
}
