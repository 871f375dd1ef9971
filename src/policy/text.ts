/** A number for a person: at most one decimal. */
export function figure(value: number): string {
  return `${Math.round(value * 10) / 10}`;
}

/** A share for a person, e.g. `0.5 %`. */
export function percent(share: number): string {
  return `${Number((share * 100).toPrecision(2))} %`;
}

export function isWhole(value: number, atLeast: number): boolean {
  return Number.isSafeInteger(value) && value >= atLeast;
}
