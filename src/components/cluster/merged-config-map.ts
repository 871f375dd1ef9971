import type * as pulumi from "@pulumi/pulumi";
import type { YamlSetting } from "../../manifests/platform/merged-yaml";
import { ClusterResource, type ClusterResourceArgs } from "./cluster-resource";

interface MergedConfigMapArgs extends ClusterResourceArgs {
  configMap: { namespace: string; name: string; key: string };
  settings: YamlSetting[];
}

/** Some settings of a YAML document in a ConfigMap that others own; everything else in it stays, also on destroy. */
export class MergedConfigMap extends ClusterResource {
  constructor(name: string, args: MergedConfigMapArgs, opts: pulumi.CustomResourceOptions) {
    super("MergedConfigMap", name, { operation: "mergedConfigMap", ...args }, opts);
  }
}
