/** A number for a person: at most one decimal, or as many as given. */
export function figure(value: number, decimals = 1): string {
  return `${Number(value.toFixed(decimals))}`;
}

/** A number for a person with the fewest decimals, but no fewer than given, with which what is said of it holds. */
export function figureThat(value: number, holds: (rounded: number) => boolean, decimals = 1): string {
  for (let more = decimals; more < 10; more++) {
    if (holds(Number(value.toFixed(more)))) return figure(value, more);
  }
  return `${value}`;
}

/** A number for a person of whatever size: four digits. */
export function significant(value: number): string {
  return `${Number(value.toPrecision(4))}`;
}

/** A share for a person, e.g. `0.5 %` or `12.5 %`. */
export function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}

export function isWhole(value: number, atLeast: number): boolean {
  return Number.isSafeInteger(value) && value >= atLeast;
}

/** What follows the name of a value to say a place in it: `[0].slo`. */
export function pathBelow(path: readonly PropertyKey[]): string {
  return path.map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`)).join("");
}

/** A place in a value that needs no name: `models[0].slo`. */
export function pathWithin(path: readonly PropertyKey[]): string {
  return pathBelow(path).replace(/^\./, "");
}
