import { createPrivateKey, createPublicKey, sign, verify, X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { KeyAndCertificate } from "../../../../packages/sandbox/src/control-plane/certificates";
import { createPki, type Pki, writePki } from "../../../../packages/sandbox/src/control-plane/pki";

let pki: Pki;

beforeAll(async () => {
  pki = await createPki();
});

const names = (pair: KeyAndCertificate): string[] =>
  (new X509Certificate(pair.certificate).subjectAltName ?? "").split(", ").sort();

describe("the sandbox's certificates", () => {
  it("are signed by the authority their reader trusts, and by no other", () => {
    const signers: [string, string, KeyAndCertificate][] = [
      ["API server", pki.clusterCa, pki.apiServer],
      ["admin", pki.clusterCa, pki.clients.admin],
      ["controller manager", pki.clusterCa, pki.clients.controllerManager],
      ["scheduler", pki.clusterCa, pki.clients.scheduler],
      ["kwok", pki.clusterCa, pki.clients.kwok],
      ["front proxy", pki.frontProxyCa, pki.frontProxy],
      ["etcd", pki.etcdCa, pki.etcd],
      ["KEDA", pki.kedaCa, pki.keda],
      ["KServe", pki.kserveCa, pki.kserve],
    ];
    const authorities = [pki.clusterCa, pki.frontProxyCa, pki.etcdCa, pki.kedaCa, pki.kserveCa];
    for (const [name, authority, { certificate }] of signers) {
      const leaf = new X509Certificate(certificate);
      const trusting = authorities.filter((pem) => leaf.verify(new X509Certificate(pem).publicKey));
      expect(trusting, name).toEqual([authority]);
      expect(leaf.checkIssued(new X509Certificate(authority)), name).toBe(true);
      expect(leaf.ca, name).toBe(false);
    }
    expect(authorities.map((pem) => new X509Certificate(pem).ca)).toEqual(authorities.map(() => true));
  });

  it("carry the names servers are reached by", () => {
    expect(names(pki.apiServer)).toEqual([
      "DNS:kubernetes",
      "DNS:kubernetes.default",
      "DNS:kubernetes.default.svc",
      "DNS:kubernetes.default.svc.cluster.local",
      "DNS:localhost",
      "IP Address:10.96.0.1",
      "IP Address:127.0.0.1",
    ]);
    expect(names(pki.keda)).toEqual([
      "DNS:keda-admission-webhooks.keda.svc",
      "DNS:keda-metrics-apiserver.keda.svc",
      "DNS:keda-operator.keda.svc",
      "DNS:localhost",
      "IP Address:127.0.0.1",
    ]);
    expect(names(pki.kserve)).toEqual([
      "DNS:kserve-webhook-server-service.kserve.svc",
      "DNS:localhost",
      "IP Address:127.0.0.1",
    ]);
    expect(names(pki.etcd)).toEqual(["DNS:localhost", "IP Address:127.0.0.1"]);
    expect(names(pki.clients.admin)).toEqual([""]);
  });

  it("name the users and groups that Kubernetes' roles are bound to", () => {
    const subjects = Object.values(pki.clients).map(({ certificate }) => new X509Certificate(certificate).subject);
    expect(subjects).toEqual([
      "CN=kubernetes-admin\nO=system:masters",
      "CN=system:kube-controller-manager",
      "CN=system:kube-scheduler",
      "CN=kwok-controller\nO=system:masters",
    ]);
    expect(new X509Certificate(pki.frontProxy.certificate).subject).toBe("CN=front-proxy-client");
  });

  it("may be used as client, server or both, as their owner needs", () => {
    const client = "1.3.6.1.5.5.7.3.2";
    const server = "1.3.6.1.5.5.7.3.1";
    const usages = [pki.apiServer, pki.clients.admin, pki.frontProxy, pki.etcd, pki.keda, pki.kserve].map(
      ({ certificate }) => new X509Certificate(certificate).keyUsage,
    );
    expect(usages).toEqual([[server], [client], [client], [server, client], [server, client], [server]]);
  });

  it("hold now and for years, and fit their keys", () => {
    for (const { certificate, key } of [pki.apiServer, pki.keda, pki.clients.kwok]) {
      const leaf = new X509Certificate(certificate);
      expect(Date.parse(leaf.validFrom)).toBeLessThan(Date.now());
      expect(Date.parse(leaf.validTo)).toBeGreaterThan(Date.now() + 9 * 365 * 24 * 3600 * 1000);
      expect(leaf.checkPrivateKey(createPrivateKey(key))).toBe(true);
    }
  });

  it("come with a key pair that signs tokens", () => {
    const data = Buffer.from("token");
    const signature = sign("sha256", data, createPrivateKey(pki.serviceAccounts.privateKey));
    expect(verify("sha256", data, createPublicKey(pki.serviceAccounts.publicKey), signature)).toBe(true);
  });
});

describe("writePki", () => {
  const directory = mkdtempSync(join(tmpdir(), "pki-"));
  afterAll(() => rmSync(directory, { recursive: true }));

  it("writes files that only their owner can read, with the names KEDA and KServe look for", () => {
    const files = writePki(pki, directory);
    expect(readFileSync(files.apiServer.certificate, "utf8")).toBe(pki.apiServer.certificate);
    expect(readFileSync(join(files.keda, "tls.key"), "utf8")).toBe(pki.keda.key);
    expect(readFileSync(join(files.keda, "ca.crt"), "utf8")).toBe(pki.kedaCa);
    const kserve = join(files.kserveTemporary, "k8s-webhook-server", "serving-certs");
    expect(readFileSync(join(kserve, "tls.crt"), "utf8")).toBe(pki.kserve.certificate);
    const modes = [
      files.apiServer.key,
      files.serviceAccounts.privateKey,
      join(files.keda, "tls.key"),
      join(kserve, "tls.key"),
    ].map((file) => statSync(file).mode & 0o777);
    expect(modes).toEqual([0o600, 0o600, 0o600, 0o600]);
  });
});
