import { prometheusAccessNames } from "../manifests/trigger-authentication";
import type { Problem } from "../policy/policy-input";
import type { ModelConfiguration } from "./schema";

/** A model with the place it has in the list. */
export interface ListedModel {
  index: number;
  model: ModelConfiguration;
}

/** Whether a model names the TriggerAuthentication that is called after another one of its namespace. */
export function sharesAuthenticationOf(model: ModelConfiguration, other: ModelConfiguration): boolean {
  return (
    model.namespace === other.namespace &&
    model.prometheusTriggerAuthentication === prometheusAccessNames(other.name).triggerAuthentication
  );
}

/** What is wrong between models that are right by themselves. Paths begin with the place, e.g. `[1].name`. */
export function betweenModelsProblems(models: readonly ListedModel[]): Problem[] {
  return models.flatMap((later) => [
    ...models.filter(({ index }) => index < later.index).flatMap((earlier) => pairProblems(earlier, later)),
    ...models.flatMap((other) => sharingProblems(later, other)),
  ]);
}

function sharingProblems({ index, model }: ListedModel, { index: otherIndex, model: other }: ListedModel): Problem[] {
  if (index === otherIndex || !sharesAuthenticationOf(model, other)) {
    return [];
  }
  const path = `[${index}].prometheusTriggerAuthentication`;
  const named = `"${model.prometheusTriggerAuthentication}"`;
  if (other.prometheusTriggerAuthentication !== undefined) {
    return [
      {
        path,
        message: `${named} would be that of models[${otherIndex}], which makes none: it names "${other.prometheusTriggerAuthentication}". Name the same here.`,
      },
    ];
  }
  return model.createNamespace === true
    ? [
        {
          path,
          message: `${named} is made by models[${otherIndex}] in the namespace that this model makes, so each would wait for the other. Let this one make its own, and name that in models[${otherIndex}].`,
        },
      ]
    : [];
}

function pairProblems({ index: first, model: earlier }: ListedModel, { index, model: later }: ListedModel): Problem[] {
  if (later.name === earlier.name) {
    return [
      {
        path: `[${index}].name`,
        message: `"${later.name}" is the name of models[${first}] too: give each model of a stack its own.`,
      },
    ];
  }
  if (later.namespace !== earlier.namespace) {
    return [];
  }
  const problems: Problem[] = [];
  const servedName = later.servedModelName ?? later.name;
  if (servedName === (earlier.servedModelName ?? earlier.name)) {
    problems.push({
      path: `[${index}].servedModelName`,
      message: `"${servedName}" is what models[${first}] of the same namespace serves too: their metrics could not be told apart. Take another name or another namespace.`,
    });
  }
  if (later.createNamespace === true && earlier.createNamespace === true) {
    problems.push({
      path: `[${index}].createNamespace`,
      message: `models[${first}] makes the namespace "${later.namespace}" already: leave it out here.`,
    });
  }
  return problems;
}
