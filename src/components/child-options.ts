import * as pulumi from "@pulumi/pulumi";

/**
 * Options of a component's child: it waits for what the component waits for. By itself Pulumi only has the component wait, and a
 * target or a refresh that looks at the child's own dependencies would miss them.
 */
export function childOptions(
  parent: pulumi.Resource,
  opts: pulumi.ComponentResourceOptions | undefined,
  own: pulumi.CustomResourceOptions = {},
): pulumi.CustomResourceOptions {
  const inherited = opts?.dependsOn === undefined ? {} : { dependsOn: opts.dependsOn };
  return pulumi.mergeOptions({ parent, ...inherited }, own);
}
