import type { Problem } from "../policy/policy-input";
import { isShared } from "./platform/gpu-operator";
import type { ServedModelOptions } from "./served-model-options";
import { serverDefaults } from "./vllm-server-options";

/** What no model gets of a slice: a latency that is kept, and more than a share of one GPU. */
export function sliceProblems<S>(product: string, gpus: number, { slo }: ServedModelOptions<S>): Problem[] {
  if (!isShared(product)) {
    return [];
  }
  return [
    ...(slo === undefined
      ? []
      : [
          {
            path: "gpuProduct",
            message: `is "${product}", but the model has an objective (slo): slices of one GPU share its memory and its time without any bound, so no latency can be kept on them. Take nodes with whole GPUs; or leave slo out and scale by figures of your own.`,
          },
        ]),
    ...(gpus === 1
      ? []
      : [
          {
            path: "gpus",
            message: `is ${gpus}, but nodes of "${product}" have slices, of which several may be of one GPU: vLLM cannot spread a model over them. Write 1, or take nodes with whole GPUs.`,
          },
        ]),
  ];
}

const memoryFlag = /^--gpu[-_]memory[-_]utilization(=|$)/;

/** vLLM takes the memory of the whole GPU unless told otherwise (`--gpu-memory-utilization`, 0.9), so the second one of a GPU would not start. */
export function sliceWarnings<S>({ gpus, gpuProduct, extraArgs, runtime }: ServedModelOptions<S>): string[] {
  const product = gpuProduct ?? serverDefaults.gpuProduct;
  const said = extraArgs?.some((arg) => memoryFlag.test(arg)) === true || runtime !== undefined;
  return gpus === 0 || said || !isShared(product)
    ? []
    : [
        `A slice of ${product} does not bound memory, and vLLM takes 90 % of the whole GPU: a second server on it would not start. ` +
          "Add --gpu-memory-utilization=<share of one slice> to extraArgs.",
      ];
}
