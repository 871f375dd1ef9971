import {
  certifiedGpuOperator,
  clusterPolicy,
  nodeFeatureDiscovery,
  nodeFeatureDiscoveryOperator,
} from "../../../manifests/platform/openshift/gpu-nodes";
import { operatorsObject } from "../custom-resource";
import type { GpuOperatorArgs } from "../gpu-operator-args";
import { installOperator, keptDefinitions } from "../olm-operator";
import type { BuiltPiece, PieceBuild } from "../piece";

/** Labelling a node takes NFD a minute. */
const discoverySeconds = 600;
/** Every GPU node pulls, compiles and loads a driver: ten minutes are usual, twice that on slow networks. */
const driverSeconds = 2700;

/** The GPU operator does nothing on nodes without NFD's labels, and its operands leave before it on destroy. */
export function gpuNodes(build: PieceBuild, args: GpuOperatorArgs): BuiltPiece {
  const discovery = args.nodeFeatureDiscovery === false ? { ready: [], kept: [] } : discover(build, args);
  const operator = installOperator(build, certifiedGpuOperator(args), "operator", discovery.ready);
  const policy = operatorsObject(build, clusterPolicy(args), {
    suffix: "policy",
    timeoutSeconds: driverSeconds,
    dependsOn: [operator],
  });
  return {
    ready: [...discovery.ready, operator, policy],
    kept: [...discovery.kept, keptDefinitions("the GPU operator")],
  };
}

function discover(build: PieceBuild, args: GpuOperatorArgs): BuiltPiece {
  const operator = installOperator(build, nodeFeatureDiscoveryOperator(args), "nfd-operator");
  const instance = operatorsObject(build, nodeFeatureDiscovery(args), {
    suffix: "nfd",
    timeoutSeconds: discoverySeconds,
    dependsOn: [operator],
  });
  return {
    ready: [operator, instance],
    kept: [keptDefinitions("Node Feature Discovery"), "The labels of Node Feature Discovery on the nodes."],
  };
}
