const powers = ["", "K", "M", "G", "T", "P"];

/** A Kubernetes quantity greater than 0 in bytes; `undefined` for anything else. */
export function quantityBytes(text: string): number | undefined {
  const match = /^([1-9]\d*(?:\.\d+)?)([KMGTP]?)(i?)$/.exec(text);
  const [, digits = "", unit = "", binary = ""] = match ?? [];
  if (match === null || (unit === "" && binary !== "")) {
    return undefined;
  }
  return Number(digits) * (binary === "" ? 1000 : 1024) ** powers.indexOf(unit);
}

/** A Kubernetes quantity greater than 0 as a number, thousandths (`750m`) included; `undefined` for anything else. */
export function quantityValue(text: string): number | undefined {
  const milli = /^(\d+)m$/.exec(text)?.[1];
  const value = milli === undefined ? (quantityBytes(text) ?? Number(text)) : Number(milli) / 1000;
  return value > 0 && Number.isFinite(value) ? value : undefined;
}
