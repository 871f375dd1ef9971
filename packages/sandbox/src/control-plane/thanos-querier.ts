import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { applyObjects } from "./api-client";
import { loopback } from "./component-args";
import type { PkiFiles } from "./pki";
import { namespace, type Plane, serviceAccountKubeconfig, serving } from "./plane";
import { allocatePort } from "./ports";

const openShiftMonitoring = "openshift-monitoring";
const account = { name: "thanos-querier", namespace: openShiftMonitoring };

/** The Service whose port 9092 answers for one namespace at a time, as OpenShift names it. */
const tenancyService = { ...account, port: 9092 };

/**
 * Starts OpenShift's metrics path in front of Prometheus: kube-rbac-proxy asks for a token that may `get pods` in the namespace
 * of the query, prom-label-proxy keeps the query in that namespace.
 * @returns the port of 127.0.0.1 it serves TLS on.
 */
export async function startThanosQuerier(plane: Plane, prometheusPort: number): Promise<number> {
  const { files, tools, parts, kubeConfig, pkiPaths, names } = plane;
  const ports = { labels: await allocatePort(), tenancy: await allocatePort() };
  await applyObjects(kubeConfig, [namespace(openShiftMonitoring)]);
  await applyObjects(kubeConfig, reviewAccess());
  const configFile = join(files.prometheus, "kube-rbac-proxy.yaml");
  writeFileSync(configFile, stringify(authorization));
  parts.start({
    name: "prom-label-proxy",
    command: tools.binaries["prom-label-proxy"],
    args: promLabelProxyArgs(ports.labels, prometheusPort),
    restart: true,
  });
  parts.start({
    name: "kube-rbac-proxy",
    command: tools.binaries["kube-rbac-proxy"],
    args: kubeRbacProxyArgs({
      port: ports.tenancy,
      upstreamPort: ports.labels,
      kubeconfig: await serviceAccountKubeconfig(plane, account),
      configFile,
      pki: pkiPaths,
    }),
    restart: true,
  });
  await Promise.all([serving("prom-label-proxy", ports.labels), serving("kube-rbac-proxy", ports.tenancy)]);
  names.register(tenancyService, { host: loopback, port: ports.tenancy });
  return ports.tenancy;
}

export function promLabelProxyArgs(port: number, prometheusPort: number): string[] {
  return [
    `-insecure-listen-address=${loopback}:${port}`,
    `-upstream=http://${loopback}:${prometheusPort}`,
    "-label=namespace",
    "-enable-label-apis",
    "-error-on-replace",
  ];
}

export interface KubeRbacProxyOptions {
  port: number;
  /** Of prom-label-proxy. */
  upstreamPort: number;
  kubeconfig: string;
  configFile: string;
  pki: PkiFiles;
}

export function kubeRbacProxyArgs(options: KubeRbacProxyOptions): string[] {
  const { port, upstreamPort, kubeconfig, configFile, pki } = options;
  return [
    `--secure-listen-address=${loopback}:${port}`,
    `--upstream=http://${loopback}:${upstreamPort}`,
    `--config-file=${configFile}`,
    `--tls-cert-file=${pki.thanosQuerier.certificate}`,
    `--tls-private-key-file=${pki.thanosQuerier.key}`,
    // Those of OpenShift's thanos-querier.
    "--allow-paths=/api/v1/query,/api/v1/query_range,/api/v1/labels,/api/v1/label/*/values,/api/v1/series",
    `--kubeconfig=${kubeconfig}`,
  ];
}

/** Whoever may get the pods of the namespace in the query may read its metrics. */
const authorization = {
  authorization: {
    rewrites: { byQueryParameter: { name: "namespace" } },
    resourceAttributes: { apiVersion: "metrics.k8s.io/v1beta1", resource: "pods", namespace: "{{ .Value }}" },
  },
};

/** What kube-rbac-proxy needs to ask the API server about a token. */
function reviewAccess(): object[] {
  const group = "rbac.authorization.k8s.io";
  const apiVersion = `${group}/v1`;
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata: account },
    {
      apiVersion,
      kind: "ClusterRole",
      metadata: { name: account.name },
      rules: [
        { apiGroups: ["authentication.k8s.io"], resources: ["tokenreviews"], verbs: ["create"] },
        { apiGroups: ["authorization.k8s.io"], resources: ["subjectaccessreviews"], verbs: ["create"] },
      ],
    },
    {
      apiVersion,
      kind: "ClusterRoleBinding",
      metadata: { name: account.name },
      roleRef: { apiGroup: group, kind: "ClusterRole", name: account.name },
      subjects: [{ kind: "ServiceAccount", ...account }],
    },
  ];
}
