import "reflect-metadata";
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

x509.cryptoProvider.set(webcrypto);

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const tenYearsMs = 10 * 365 * 24 * 3600 * 1000;
/** Clocks of processes on one machine agree, but certificates count whole seconds. */
const backdateMs = 60_000;

/** A private key with what belongs to it, in PEM. */
export interface KeyAndCertificate {
  key: string;
  certificate: string;
}

export interface KeyPairPem {
  privateKey: string;
  publicKey: string;
}

/** Kubernetes reads the user from `commonName` and the groups from `organizations`. */
export interface Subject {
  commonName: string;
  organizations?: string[];
}

/** Signs certificates. Its own key never leaves the process that made it. */
export class CertificateAuthority {
  private constructor(
    readonly certificate: string,
    private readonly issuer: x509.X509Certificate,
    private readonly keys: webcrypto.CryptoKeyPair,
  ) {}

  static async create(commonName: string): Promise<CertificateAuthority> {
    const keys = await generateKeys();
    const issuer = await x509.X509CertificateGenerator.createSelfSigned({
      name: [{ CN: [commonName] }],
      keys,
      signingAlgorithm: algorithm,
      ...validity(),
      extensions: [
        new x509.BasicConstraintsExtension(true, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    return new CertificateAuthority(issuer.toString("pem"), issuer, keys);
  }

  /**
   * A certificate for a client, a server, or something that is both.
   * @param names DNS names and IP addresses a server is reached by; none for a client.
   */
  async issue(
    subject: Subject,
    usages: ("client" | "server")[],
    names: { dns?: string[]; ips?: string[] } = {},
  ): Promise<KeyAndCertificate> {
    const keys = await generateKeys();
    const alternativeNames: x509.JsonGeneralNames = [
      ...(names.dns ?? []).map((value) => ({ type: "dns" as const, value })),
      ...(names.ips ?? []).map((value) => ({ type: "ip" as const, value })),
    ];
    const certificate = await x509.X509CertificateGenerator.create({
      subject: [{ CN: [subject.commonName] }, ...(subject.organizations ?? []).map((name) => ({ O: [name] }))],
      issuer: this.issuer.subjectName,
      publicKey: keys.publicKey,
      signingKey: this.keys.privateKey,
      signingAlgorithm: algorithm,
      ...validity(),
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension(usages.map((usage) => x509.ExtendedKeyUsage[`${usage}Auth`])),
        await x509.AuthorityKeyIdentifierExtension.create(this.keys.publicKey),
        ...(alternativeNames.length > 0 ? [new x509.SubjectAlternativeNameExtension(alternativeNames)] : []),
      ],
    });
    return { key: await privateKeyPem(keys), certificate: certificate.toString("pem") };
  }
}

/** Key pair without a certificate, as the API server signs ServiceAccount tokens with. */
export async function generateKeyPair(): Promise<KeyPairPem> {
  const keys = await generateKeys();
  const publicKey = pem("PUBLIC KEY", await webcrypto.subtle.exportKey("spki", keys.publicKey));
  return { privateKey: await privateKeyPem(keys), publicKey };
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
}

async function privateKeyPem(keys: webcrypto.CryptoKeyPair): Promise<string> {
  return pem("PRIVATE KEY", await webcrypto.subtle.exportKey("pkcs8", keys.privateKey));
}

function pem(label: string, der: ArrayBuffer): string {
  return x509.PemConverter.encode(der, label);
}

function validity(): { notBefore: Date; notAfter: Date } {
  const now = Date.now();
  return { notBefore: new Date(now - backdateMs), notAfter: new Date(now + tenYearsMs) };
}
