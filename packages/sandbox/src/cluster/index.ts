export { sandboxNodes } from "./nodes";
export { startPrometheusReloader } from "./prometheus-reloader";
export { startServing } from "./serving";
export { stages } from "./stages";
