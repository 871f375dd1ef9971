const escapes: Record<string, string> = { a: "\x07", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };

/**
 * The text of a string literal in double quotes, single quotes or backticks; `undefined` where it does not end, or has an escape
 * that Go's strings do not have. Source: prometheus/prometheus `util/strutil/quote.go`.
 */
export function unquoted(literal: string): string | undefined {
  const quote = literal.at(0);
  const inner = literal.slice(1, -1);
  // Prometheus takes the replacement character for text that is no UTF-8.
  if (literal.length < 2 || literal.at(-1) !== quote || inner.includes("\ufffd")) return undefined;
  if (quote === "`") return inner;
  const parts: Buffer[] = [];
  for (let i = 0; i < inner.length; i++) {
    const character = inner.charAt(i);
    if (character !== "\\") {
      const end = inner.indexOf("\\", i);
      const plain = inner.slice(i, end === -1 ? inner.length : end);
      parts.push(Buffer.from(plain));
      i += plain.length - 1;
      continue;
    }
    const found = /^(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{3})|(.))/s.exec(inner.slice(i + 1));
    const escaped = found === null ? undefined : escapedBytes(found, quote);
    if (found === null || escaped === undefined) return undefined;
    parts.push(escaped);
    i += found[0].length;
  }
  return Buffer.concat(parts).toString("utf8");
}

/** Bytes: two of them in hexadecimal or octal may be one character. */
function escapedBytes([, byte, short, long, octal, single = ""]: RegExpExecArray, quote: string | undefined) {
  if (byte !== undefined) return Buffer.from(byte, "hex");
  if (octal !== undefined) {
    const code = Number.parseInt(octal, 8);
    return code > 0xff ? undefined : Buffer.from([code]);
  }
  const hexadecimal = short ?? long;
  if (hexadecimal !== undefined) {
    const code = Number.parseInt(hexadecimal, 16);
    return code > 0x10ffff || isSurrogate(code) ? undefined : Buffer.from(String.fromCodePoint(code));
  }
  const plain = escapes[single] ?? (single === "\\" || single === quote ? single : undefined);
  return plain === undefined ? undefined : Buffer.from(plain);
}

function isSurrogate(code: number): boolean {
  return code >= 0xd800 && code < 0xe000;
}
