import { join } from "node:path";

/** Unix sockets by which the daemon reaches the parts in the network namespace. Names are short because paths are limited. */
export interface SocketPaths {
  apiServer: string;
  prometheus: string;
  thanosQuerier: string;
  router: string;
  interceptor: string;
}

export function socketPaths(directory: string): SocketPaths {
  return {
    apiServer: join(directory, "api-server.sock"),
    prometheus: join(directory, "prometheus.sock"),
    thanosQuerier: join(directory, "thanos.sock"),
    router: join(directory, "router.sock"),
    interceptor: join(directory, "interceptor.sock"),
  };
}
