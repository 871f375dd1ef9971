const unitSeconds: Record<string, number> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800, y: 31_536_000 };
const duration = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;
const units = ["y", "w", "d", "h", "m", "s", "ms"];

/** Seconds of `5m`, `1h30m` or `90`; `undefined` for what is no duration, as in Prometheus' `model.ParseDuration`. */
export function durationSeconds(text: string): number | undefined {
  const match = text === "" ? null : duration.exec(text);
  if (match === null) return numberOf(text);
  return units.reduce((sum, unit, i) => sum + Number(match[i + 1] ?? 0) * (unitSeconds[unit] ?? 0), 0);
}

/** The value of a number literal: decimal, hexadecimal, `Inf` or `NaN`, with a sign, or a duration in seconds. */
export function literalValue(text: string): number | undefined {
  const sign = text.startsWith("-") ? -1 : 1;
  const digits = text.replace(/^[+-]/, "");
  const value = durationSeconds(digits);
  return value === undefined ? undefined : sign * value;
}

function numberOf(text: string): number | undefined {
  if (/^inf(inity)?$/i.test(text)) return Number.POSITIVE_INFINITY;
  if (/^nan$/i.test(text)) return Number.NaN;
  const plain = text.replaceAll("_", "");
  return /^(0x[\da-f]+|\d+\.?\d*(e[+-]?\d+)?|\.\d+(e[+-]?\d+)?)$/i.test(plain) ? Number(plain) : undefined;
}
