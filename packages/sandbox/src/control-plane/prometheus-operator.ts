import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { versionOf } from "../tools/families";
import { applyObjects } from "./api-client";
import { loopback } from "./component-args";
import { conditionTrue, type Plane, serviceAccountKubeconfig, serviceAccountToken, startSeconds } from "./plane";
import { allocatePort } from "./ports";
import {
  monitoringNamespace,
  prometheusAccount,
  prometheusResource,
  prometheusResourceName,
} from "./prometheus-objects";
import { upstreamAccess } from "./upstream-manifests";
import { answersOk, waitUntil } from "./wait";

const operatorAccount = { name: "prometheus-operator", namespace: monitoringNamespace };

/** Starts Prometheus Operator with upstream's permissions and gives it the sandbox's Prometheus to configure. Its namespace exists before. */
export async function startPrometheusOperator(
  plane: Plane,
  { definitions, prometheusPort }: { definitions: Promise<void>; prometheusPort: number },
): Promise<void> {
  const { files, tools, parts, kubeConfig, server, pkiPaths } = plane;
  await applyObjects(kubeConfig, [
    ...upstreamAccess(tools.manifests["prometheus-operator-rbac"], monitoringNamespace),
    ...upstreamAccess(tools.manifests["prometheus-rbac"], monitoringNamespace),
  ]);
  const kubeconfig = await serviceAccountKubeconfig(plane, operatorAccount);
  const tokenFile = join(files.prometheus, "token");
  writeFileSync(tokenFile, await serviceAccountToken(kubeConfig, prometheusAccount), { mode: 0o600 });
  const port = await allocatePort();
  await definitions;
  parts.start({
    name: "prometheus-operator",
    command: tools.binaries["prometheus-operator"],
    args: prometheusOperatorArgs(port),
    env: { KUBECONFIG: kubeconfig },
    restart: true,
  });
  const version = versionOf("prometheus");
  await applyObjects(kubeConfig, [
    prometheusResource({ version, port: prometheusPort, server, clusterCa: pkiPaths.clusterCa, tokenFile }),
  ]);
  await waitUntil("Prometheus Operator healthy", startSeconds, () => answersOk(port, "/healthz"));
  const { name, namespace } = prometheusResourceName;
  await conditionTrue(
    kubeConfig,
    `/apis/monitoring.coreos.com/v1/namespaces/${namespace}/prometheuses/${name}`,
    "Reconciled",
  );
}

/** Those of upstream's Deployment, without the endpoints of kubelets, which the sandbox's nodes do not have. */
export function prometheusOperatorArgs(port: number): string[] {
  return [
    `--web.listen-address=${loopback}:${port}`,
    `--prometheus-config-reloader=quay.io/prometheus-operator/prometheus-config-reloader:v${versionOf("prometheus-operator")}`,
    "--watch-referenced-objects-in-all-namespaces=true",
    "--disable-unmanaged-prometheus-configuration=true",
  ];
}
