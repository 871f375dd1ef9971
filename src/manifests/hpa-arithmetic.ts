import { tolerancePercent } from "../policy/saturation";
import { figure } from "../policy/text";

/** By how much less than its target an HPA leaves the replicas alone. */
function least(target: number): number {
  return (target * (100 - tolerancePercent)) / 100;
}

/** What an HPA asks for by the use of a resource, and above which use it adds a replica; `amount` writes a use for a person. */
export function hpaRule(target: number, amount: (use: number) => string): string {
  const adds = amount((target * (100 + tolerancePercent)) / 100);
  return `asks for ceil(ready replicas x use / ${target}), unless the use is within ${tolerancePercent} % of it: it adds a replica above ${adds}`;
}

/** What a HorizontalPodAutoscaler does with a target of its own, with the numbers put in. */
export function hpaMeaning(target: number, maxReplicas: number): string {
  const rule = `The HPA ${hpaRule(target, (use) => figure(use))}`;
  if (maxReplicas === 1) {
    return `${rule}.`;
  }
  const fewer = (target * (maxReplicas - 1)) / maxReplicas;
  const removes = fewer < least(target) ? `at ${figure(fewer)} or less` : `below ${figure(least(target))}`;
  return `${rule}, and takes one of ${maxReplicas} away ${removes}.`;
}
