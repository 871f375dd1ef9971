export type { Endpoint } from "./endpoints";
export { fakeNodeAnnotation, sandboxNodes } from "./nodes";
export type { Router, RouterStatus } from "./router";
export { sandboxAnnotations } from "./sandbox-annotations";
export { type KubeApiAccess, prometheusConfig, scrapeConfigsFor } from "./scrape-config";
export { type ScrapeConfigOptions, startScrapeConfig } from "./scrape-config-controller";
export { type Serving, type ServingOptions, startServing } from "./serving";
export { type Stage, stages } from "./stages";
