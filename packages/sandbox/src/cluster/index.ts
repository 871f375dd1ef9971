export type { Address, Destination } from "./cluster-network";
export { sandboxNodes } from "./nodes";
export { startPrometheusReloader } from "./prometheus-reloader";
export { sandboxAnnotations } from "./sandbox-annotations";
export { startServiceCa } from "./service-ca";
export { serviceNames } from "./service-names";
export { startServing } from "./serving";
export { stages } from "./stages";
