export * from "./capacity-profile";
export { capacityProfileSchema } from "./capacity-profile-schema";
export { compilePolicy } from "./compile";
export { decodeStepMs, inFlightConcurrencyAt, kvCacheConcurrency, latencyMs, prefillMs } from "./concurrency";
export * from "./policy-input";
export { capacityProfile, capacityProfileIds } from "./profiles";
export * from "./scaled-object";
export * from "./slo";
export { StorageKind } from "./weights-loading";
