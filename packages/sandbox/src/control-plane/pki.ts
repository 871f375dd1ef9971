import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CertificateAuthority, generateKeyPair, type KeyAndCertificate, type Subject } from "./certificates";

/** Programs and people that speak to the API server with a certificate. */
export type ClientName = "admin" | "controllerManager" | "scheduler" | "kwok";

/** User names and groups that Kubernetes' own roles are bound to. */
const clients: Record<ClientName, Subject> = {
  admin: { commonName: "kubernetes-admin", organizations: ["system:masters"] },
  controllerManager: { commonName: "system:kube-controller-manager" },
  scheduler: { commonName: "system:kube-scheduler" },
  // kwok plays every kubelet, and its stages may set the status of any kind.
  kwok: { commonName: "kwok-controller", organizations: ["system:masters"] },
};

/** Common name of the client by which the API server passes requests on to KEDA's adapter. */
export const frontProxyClient = "front-proxy-client";

/** First address of the Service range: the Service `kubernetes` in the namespace `default`. */
const apiServerServiceAddress = "10.96.0.1";

/** Names in the certificate that OpenShift's service CA gives to the Service. */
const thanosQuerierNames = [
  "thanos-querier.openshift-monitoring.svc",
  "thanos-querier.openshift-monitoring.svc.cluster.local",
] as const;

const loopback = { dns: ["localhost"], ips: ["127.0.0.1"] };

export interface Pki {
  clusterCa: string;
  frontProxyCa: string;
  etcdCa: string;
  clients: Record<ClientName, KeyAndCertificate>;
  apiServer: KeyAndCertificate;
  frontProxy: KeyAndCertificate;
  /** Server and client of etcd at once. */
  etcd: KeyAndCertificate;
  /** KEDA's three programs talk to each other, and the API server to them, with this one. */
  keda: KeyAndCertificate;
  kedaCa: string;
  /** KServe's webhooks. */
  kserve: KeyAndCertificate;
  kserveCa: string;
  /** OpenShift's metrics path. Its authority is that of Services, whose certificate is in a ConfigMap of every namespace. */
  thanosQuerier: KeyAndCertificate;
  serviceCa: string;
  serviceAccounts: { privateKey: string; publicKey: string };
}

/** Everything of a new sandbox. etcd, aggregation, KEDA and KServe have authorities of their own, as in a real cluster. */
export async function createPki(): Promise<Pki> {
  const [cluster, frontProxy, etcd, keda, kserve, services, serviceAccounts] = await Promise.all([
    CertificateAuthority.create("kubernetes"),
    CertificateAuthority.create("front-proxy-ca"),
    CertificateAuthority.create("etcd-ca"),
    CertificateAuthority.create("keda-ca"),
    CertificateAuthority.create("kserve-ca"),
    CertificateAuthority.create("openshift-service-serving-signer"),
    generateKeyPair(),
  ]);
  const client = (name: ClientName): Promise<KeyAndCertificate> => cluster.issue(clients[name], ["client"]);
  return {
    clusterCa: cluster.certificate,
    frontProxyCa: frontProxy.certificate,
    etcdCa: etcd.certificate,
    kedaCa: keda.certificate,
    kserveCa: kserve.certificate,
    serviceCa: services.certificate,
    serviceAccounts,
    clients: {
      admin: await client("admin"),
      controllerManager: await client("controllerManager"),
      scheduler: await client("scheduler"),
      kwok: await client("kwok"),
    },
    apiServer: await cluster.issue({ commonName: "kube-apiserver" }, ["server"], {
      dns: [
        ...loopback.dns,
        "kubernetes",
        "kubernetes.default",
        "kubernetes.default.svc",
        "kubernetes.default.svc.cluster.local",
      ],
      ips: [...loopback.ips, apiServerServiceAddress],
    }),
    frontProxy: await frontProxy.issue({ commonName: frontProxyClient }, ["client"]),
    etcd: await etcd.issue({ commonName: "etcd" }, ["server", "client"], loopback),
    keda: await keda.issue({ commonName: "keda" }, ["server", "client"], {
      dns: [
        ...loopback.dns,
        "keda-operator.keda.svc",
        "keda-metrics-apiserver.keda.svc",
        "keda-admission-webhooks.keda.svc",
      ],
      ips: loopback.ips,
    }),
    kserve: await kserve.issue({ commonName: "kserve-webhook-server" }, ["server"], {
      dns: [...loopback.dns, "kserve-webhook-server-service.kserve.svc"],
      ips: loopback.ips,
    }),
    thanosQuerier: await services.issue({ commonName: thanosQuerierNames[0] }, ["server"], {
      dns: [...thanosQuerierNames],
      ips: [],
    }),
  };
}

/** Absolute paths of what the programs read. */
export interface PkiFiles {
  clusterCa: string;
  apiServer: { key: string; certificate: string };
  frontProxyCa: string;
  frontProxy: { key: string; certificate: string };
  etcdCa: string;
  etcd: { key: string; certificate: string };
  serviceAccounts: { privateKey: string; publicKey: string };
  thanosQuerier: { key: string; certificate: string };
  /** Folder with ca.crt, tls.crt and tls.key, the names KEDA looks for. */
  keda: string;
  /** Folder in which KServe's webhook server looks for its certificate: controller-runtime's default, below TMPDIR. */
  kserveTemporary: string;
}

/** Where controller-runtime looks for a webhook server's certificate, below the folder for temporary files. */
const servingCertificates = join("k8s-webhook-server", "serving-certs");

export function pkiFiles(directory: string): PkiFiles {
  const file = (name: string): string => join(directory, name);
  const pair = (name: string) => ({ key: file(`${name}.key`), certificate: file(`${name}.crt`) });
  return {
    clusterCa: file("ca.crt"),
    apiServer: pair("apiserver"),
    frontProxyCa: file("front-proxy-ca.crt"),
    frontProxy: pair("front-proxy-client"),
    etcdCa: file("etcd-ca.crt"),
    etcd: pair("etcd"),
    serviceAccounts: { privateKey: file("sa.key"), publicKey: file("sa.pub") },
    thanosQuerier: pair("thanos-querier"),
    keda: file("keda"),
    kserveTemporary: file("kserve"),
  };
}

/** Writes all files so that only their owner can read them. */
export function writePki(pki: Pki, directory: string): PkiFiles {
  const files = pkiFiles(directory);
  const kserve = join(files.kserveTemporary, servingCertificates);
  for (const folder of [files.keda, kserve]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  const contents: [string, string][] = [
    [files.clusterCa, pki.clusterCa],
    [files.apiServer.key, pki.apiServer.key],
    [files.apiServer.certificate, pki.apiServer.certificate],
    [files.frontProxyCa, pki.frontProxyCa],
    [files.frontProxy.key, pki.frontProxy.key],
    [files.frontProxy.certificate, pki.frontProxy.certificate],
    [files.etcdCa, pki.etcdCa],
    [files.etcd.key, pki.etcd.key],
    [files.etcd.certificate, pki.etcd.certificate],
    [files.serviceAccounts.privateKey, pki.serviceAccounts.privateKey],
    [files.serviceAccounts.publicKey, pki.serviceAccounts.publicKey],
    [files.thanosQuerier.key, pki.thanosQuerier.key],
    [files.thanosQuerier.certificate, pki.thanosQuerier.certificate],
    [join(files.keda, "ca.crt"), pki.kedaCa],
    [join(files.keda, "tls.crt"), pki.keda.certificate],
    [join(files.keda, "tls.key"), pki.keda.key],
    [join(kserve, "tls.crt"), pki.kserve.certificate],
    [join(kserve, "tls.key"), pki.kserve.key],
  ];
  for (const [file, content] of contents) writeFileSync(file, content, { mode: 0o600 });
  return files;
}
