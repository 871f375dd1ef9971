import { loopback } from "./component-args";

export interface ProxyPorts {
  /** Of the SOCKS proxy. */
  socks: number;
  /** Of the proxy that takes HTTP's CONNECT. */
  connect: number;
}

/**
 * Makes a Go program's clients reach the names of the cluster (`prometheus-operated.monitoring.svc...`): HTTP through the
 * SOCKS proxy, TLS and gRPC by CONNECT. Go never sends 127.0.0.1 and localhost through a proxy.
 */
export function proxyEnvironment({ socks, connect }: ProxyPorts): Record<string, string> {
  return {
    HTTP_PROXY: `socks5://${loopback}:${socks}`,
    HTTPS_PROXY: `http://${loopback}:${connect}`,
    NO_PROXY: `${loopback},localhost`,
  };
}
