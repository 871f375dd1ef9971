export { sandboxNodes } from "./nodes";
export { startScrapeConfig } from "./scrape-config-controller";
export { startServing } from "./serving";
export { stages } from "./stages";
