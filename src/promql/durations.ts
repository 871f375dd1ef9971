const unitSeconds: Record<string, number> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800, y: 31_536_000 };
const duration = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;
const units = ["y", "w", "d", "h", "m", "s", "ms"];

/** Go counts durations in nanoseconds, in 64 bits. */
const longestSeconds = 2 ** 63 / 1e9;

export function isDurationInRange(seconds: number): boolean {
  return !(Math.abs(seconds) > longestSeconds);
}

/** Seconds of `5m`, `1h30m` or `90`; `undefined` for what is no duration, as in Prometheus' `model.ParseDuration`. */
function durationSeconds(text: string): number | undefined {
  const match = text === "" ? null : duration.exec(text);
  if (match === null) return numberOf(text);
  const seconds = units.reduce((sum, unit, i) => sum + Number(match[i + 1] ?? 0) * (unitSeconds[unit] ?? 0), 0);
  return isDurationInRange(seconds) ? seconds : undefined;
}

/** The value of a number literal: decimal, octal, hexadecimal, `Inf` or `NaN`, with a sign, or a duration in seconds. */
export function literalValue(text: string): number | undefined {
  const sign = text.startsWith("-") ? -1 : 1;
  const digits = text.replace(/^[+-](?:\s|#.*\n)*/, "");
  const value = durationSeconds(digits);
  return value === undefined ? undefined : sign * value;
}

/** As Go's `ParseInt` with any base, and where that fails as its `ParseFloat`. */
function numberOf(text: string): number | undefined {
  if (/^inf$/i.test(text)) return Number.POSITIVE_INFINITY;
  if (/^nan$/i.test(text)) return Number.NaN;
  const plain = text.replaceAll("_", "");
  if (/^0x[\da-f]+$/i.test(plain)) return integer(Number(plain));
  if (/^0[0-7]+$/.test(plain)) return integer(Number(`0o${plain}`));
  if (!/^(\d+\.?\d*(e[+-]?\d+)?|\.\d+(e[+-]?\d+)?)$/i.test(plain)) return undefined;
  const value = Number(plain);
  return Number.isFinite(value) ? value : undefined;
}

function integer(value: number): number | undefined {
  return value < 2 ** 63 ? value : undefined;
}
