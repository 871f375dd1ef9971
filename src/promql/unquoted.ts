const escapes: Record<string, string> = { a: "\x07", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };

/**
 * The text of a string literal in double quotes, single quotes or backticks; `undefined` where it has an escape that Go's
 * strings do not have. Source: prometheus/prometheus `util/strutil/quote.go`.
 */
export function unquoted(literal: string): string | undefined {
  const quote = literal.at(0);
  const inner = literal.slice(1, -1);
  if (quote === "`") return inner;
  let text = "";
  for (let i = 0; i < inner.length; i++) {
    const character = inner.charAt(i);
    if (character !== "\\") {
      text += character;
      continue;
    }
    const found = /^(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{3})|(.))/s.exec(inner.slice(i + 1));
    if (found === null) return undefined;
    const [whole, byte, short, long, octal, single = ""] = found;
    const hexadecimal = byte ?? short ?? long;
    const code = hexadecimal ? Number.parseInt(hexadecimal, 16) : octal ? Number.parseInt(octal, 8) : undefined;
    if (code !== undefined && code > 0x10ffff) return undefined;
    const plain =
      code === undefined
        ? (escapes[single] ?? (single === "\\" || single === quote ? single : undefined))
        : String.fromCodePoint(code);
    if (plain === undefined) return undefined;
    text += plain;
    i += whole.length;
  }
  return text;
}
