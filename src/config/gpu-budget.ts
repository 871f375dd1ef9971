import { serverDefaults } from "../manifests/vllm-server-options";
import type { Problem } from "../policy/policy-input";
import { isWhole } from "../policy/text";
import type { ListedModel } from "./between-models";

/** What is wrong if all models scale out at once: GPUs that are not there leave replicas Pending, whoever asks last. */
export function gpuBudgetProblems(budget: number | undefined, models: readonly ListedModel[]): Problem[] {
  const shares = models.map(({ index, model }) => {
    const { name, replicas, gpus = serverDefaults.gpus } = model;
    return { most: replicas.max * gpus, text: `models[${index}] "${name}" ${replicas.max} x ${gpus}` };
  });
  const sum = shares.reduce((total, { most }) => total + most, 0);
  // One model alone is told at its own replicas.max, and a budget that is no number of GPUs as that.
  if (budget === undefined || !isWhole(budget, 1) || sum <= budget || shares.length < 2) {
    return [];
  }
  const terms = shares.map(({ most, text }) => `${text} = ${most}`).join(", ");
  return [
    {
      path: "gpus.budget",
      message: `${budget} GPUs are fewer than the ${sum} that the models may use together (replicas.max x gpus: ${terms}): the last replicas would stay Pending. Take ${sum - budget} off their replicas.max x gpus, or raise it.`,
    },
  ];
}
