/** A Kubernetes quantity such as `1Gi`, `0.5` or `250m`: sign, digits, suffix or exponent. */
const pattern = /^([+-]?)(\d*)(?:\.(\d*))?(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?\d+))?$/;

const decimalSuffixes = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
const binarySuffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

const nano = 10n ** 9n;

/**
 * The form the API server gives a quantity back in: the largest suffix without a fraction (`1000m` is `1`, `0.5Gi` is
 * `512Mi`, `1024Mi` is `1Gi`). Without this, every preview would show a change. What is no quantity stays as it is.
 * @see https://github.com/kubernetes/apimachinery/blob/master/pkg/api/resource/quantity.go
 */
export function canonicalQuantity(text: string): string {
  const match = pattern.exec(text);
  if (match === null) return text;
  const [, sign, whole = "", fraction = "", suffix = "", exponent] = match;
  if (whole === "" && fraction === "") return text;

  const binary = suffix.endsWith("i");
  const nanos = inNanos(whole, fraction, suffix, exponent);
  if (nanos === 0n) return "0";
  const written = binary && nanos >= 1024n * nano ? writeBinary(nanos) : undefined;
  const unsigned = written ?? (exponent === undefined ? writeDecimal(nanos) : writeExponent(nanos));
  return sign === "-" ? `-${unsigned}` : unsigned;
}

/** Rounded up to the next nano unit, as the API server does. */
function inNanos(whole: string, fraction: string, suffix: string, exponent: string | undefined): bigint {
  const digits = BigInt(whole + fraction);
  if (suffix.endsWith("i")) {
    const factor = 1024n ** BigInt(binarySuffixes.indexOf(suffix));
    return divideUp(digits * factor * nano, 10n ** BigInt(fraction.length));
  }
  const power = (exponent === undefined ? decimalSuffixes.indexOf(suffix) * 3 - 9 : Number(exponent)) + 9;
  const shift = power - fraction.length;
  return shift >= 0 ? digits * 10n ** BigInt(shift) : divideUp(digits, 10n ** BigInt(-shift));
}

function divideUp(value: bigint, by: bigint): bigint {
  return (value + by - 1n) / by;
}

function writeDecimal(nanos: bigint): string {
  const [value, thousands] = dividedOut(nanos, 1000n, decimalSuffixes.length - 1);
  return `${value}${decimalSuffixes[thousands]}`;
}

function writeExponent(nanos: bigint): string {
  const [value, thousands] = dividedOut(nanos, 1000n, Number.MAX_SAFE_INTEGER);
  const exponent = thousands * 3 - 9;
  return exponent === 0 ? `${value}` : `${value}e${exponent}`;
}

/** Undefined for a number that is not whole, which binary suffixes cannot write. */
function writeBinary(nanos: bigint): string | undefined {
  if (nanos % nano !== 0n) return undefined;
  const [value, kilos] = dividedOut(nanos / nano, 1024n, binarySuffixes.length - 1);
  return `${value}${binarySuffixes[kilos]}`;
}

function dividedOut(value: bigint, by: bigint, atMost: number): [bigint, number] {
  let rest = value;
  let times = 0;
  while (times < atMost && rest % by === 0n) {
    rest /= by;
    times++;
  }
  return [rest, times];
}
