import type { WeightsSource } from "./weights-source";

/** Files of weights that destroy leaves where they are, a line for each place. */
export function keptFiles(models: readonly { weights: Pick<WeightsSource, "nfs"> }[]): string[] {
  const lines = models.flatMap(({ weights: { nfs } }) =>
    nfs === undefined
      ? []
      : [`The files at ${nfs.server}:${nfs.path}, downloaded ones too: only the volumes that lead there go.`],
  );
  return [...new Set(lines)];
}
