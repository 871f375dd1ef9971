import { stringify } from "yaml";
import type { KeyAndCertificate } from "./certificates";

export interface KubeconfigOptions {
  /** Name of cluster, user and context. */
  name: string;
  server: string;
  /** Certificate of the authority that signed the API server's, in PEM. */
  certificateAuthority: string;
  user: KeyAndCertificate | { token: string };
}

/** A kubeconfig that holds everything itself, so that it can be copied to another place. */
export function kubeconfig({ name, server, certificateAuthority, user }: KubeconfigOptions): string {
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name, cluster: { server, "certificate-authority-data": base64(certificateAuthority) } }],
    users: [
      {
        name,
        user:
          "token" in user
            ? user
            : {
                "client-certificate-data": base64(user.certificate),
                "client-key-data": base64(user.key),
              },
      },
    ],
    contexts: [{ name, context: { cluster: name, user: name } }],
    "current-context": name,
  });
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
