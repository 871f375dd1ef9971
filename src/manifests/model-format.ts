/**
 * Format of the weights. By this name alone KServe lets a model come without a `storageUri`; any other without one is taken for
 * a server of many models, and gets an agent and an empty `/mnt/models` (kserve/kserve, `IsMMSPredictor`).
 */
export const modelFormat = "huggingface";
