/** Imports point one way: components -> manifests -> policy -> promql; the pure folders never see Pulumi. */
const pulumi = "node_modules/@pulumi/";

module.exports = {
  forbidden: [
    {
      name: "no-circular",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "policy-is-pure",
      severity: "error",
      from: { path: "^src/policy/" },
      to: { path: "^(src/(?!policy/|promql/|versions\\.ts)|packages/|node_modules/@pulumi/)" },
    },
    {
      name: "manifests-know-policy-only",
      severity: "error",
      from: { path: "^src/manifests/" },
      to: { path: "^(src/(?!manifests/|policy/|versions\\.ts)|packages/|node_modules/@pulumi/)" },
    },
    {
      name: "promql-knows-nothing",
      severity: "error",
      from: { path: "^src/promql/" },
      to: { path: "^(src/(?!promql/)|packages/|node_modules/@pulumi/)" },
    },
    {
      name: "lint-knows-policy-and-promql-only",
      comment: "And which annotations say how long a replica takes to start.",
      severity: "error",
      from: { path: "^src/lint/" },
      to: {
        path: "^(src/(?!lint/|policy/|promql/|versions\\.ts|manifests/annotations\\.ts)|packages/|node_modules/@pulumi/)",
      },
    },
    {
      name: "components-do-not-know-configuration",
      severity: "error",
      from: { path: "^src/components/" },
      to: { path: "^(src/(config/|program\\.ts|index\\.ts)|packages/)" },
    },
    {
      name: "cluster-runs-by-itself",
      comment: "It is loaded by Pulumi's provider for dynamic resources, without the program.",
      severity: "error",
      from: { path: "^src/cluster/" },
      to: { path: "^(src/(?!cluster/|manifests/)|packages/)" },
    },
    {
      name: "components-know-no-cluster-client",
      comment: "But for one look at the cluster, which decides what a program makes and so cannot be a resource.",
      severity: "error",
      from: { path: "^src/(?!cluster/|components/cluster/model-monitors\\.ts)" },
      to: { path: "^(src/cluster/|node_modules/@kubernetes/client-node)" },
    },
    {
      name: "configuration-is-plain",
      severity: "error",
      from: { path: "^src/config/" },
      to: { path: `^(src/program\\.ts|packages/|${pulumi})`, dependencyTypesNot: ["type-only"] },
    },
    { name: "library-knows-no-tool", severity: "error", from: { path: "^src/" }, to: { path: "^packages/" } },
    {
      name: "sandbox-knows-no-cli",
      severity: "error",
      from: { path: "^packages/sandbox/" },
      to: { path: "^packages/cli/" },
    },
    {
      name: "cli-knows-no-cluster-client",
      severity: "error",
      from: { path: "^packages/cli/" },
      to: { path: "node_modules/@kubernetes/client-node" },
    },
  ],
  options: {
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["types", "require", "node", "default"] },
  },
};
