/** Whether a regular expression matches the empty text, or why Prometheus refuses it. */
export type RegularExpression = { ok: true; matchesEmpty: boolean } | { ok: false; message: string };

/** Reads a regular expression as Go's `regexp/syntax` does, which knows no look-around and no backreferences. */
export function readRegularExpression(pattern: string): RegularExpression {
  try {
    return { ok: true, matchesEmpty: new PatternReader(pattern).whole() };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { ok: false, message: error.message };
  }
}

class Refused extends Error {}

/** A part of a pattern: whether it matches the empty text, and how often it repeats what it holds. */
interface Part {
  matchesEmpty: boolean;
  repeats: number;
}

const mostRepeats = 1000;
const classNames = /^\[:\^?(?:alnum|alpha|ascii|blank|cntrl|digit|graph|lower|print|punct|space|upper|word|xdigit):\]/;

class PatternReader {
  private readonly characters: readonly string[];
  private at = 0;

  constructor(pattern: string) {
    this.characters = [...pattern];
  }

  whole(): boolean {
    const { matchesEmpty } = this.alternatives();
    if (this.at < this.characters.length) throw new Refused("it closes a bracket that is not open");
    return matchesEmpty;
  }

  private alternatives(): Part {
    const parts = [this.sequence()];
    while (this.take("|")) parts.push(this.sequence());
    return {
      matchesEmpty: parts.some(({ matchesEmpty }) => matchesEmpty),
      repeats: Math.max(...parts.map(({ repeats }) => repeats)),
    };
  }

  private sequence(): Part {
    const whole: Part = { matchesEmpty: true, repeats: 1 };
    while (this.at < this.characters.length && !this.isNext("|") && !this.isNext(")")) {
      const part = this.piece();
      whole.matchesEmpty &&= part.matchesEmpty;
      whole.repeats = Math.max(whole.repeats, part.repeats);
    }
    return whole;
  }

  /** An atom with what repeats it. */
  private piece(): Part {
    const atom = this.atom();
    const bounds = this.repetition();
    if (bounds === undefined) return atom ?? { matchesEmpty: true, repeats: 1 };
    if (atom === undefined) throw new Refused("it repeats nothing");
    this.take("?");
    if (this.repetition() !== undefined) throw new Refused("it repeats a repetition");
    const repeats = atom.repeats * Math.max(1, bounds.most ?? bounds.least);
    if (repeats > mostRepeats) throw new Refused(`it repeats more than ${mostRepeats} times`);
    return { matchesEmpty: atom.matchesEmpty || bounds.least === 0, repeats };
  }

  /** `undefined` for what is nothing that could be repeated, such as flags. */
  private atom(): Part | undefined {
    const character = this.next();
    switch (character) {
      case "(":
        return this.group();
      case "[":
        return this.characterClass();
      case "\\":
        return this.escaped();
      case "^":
      case "$":
        return empty;
      case "*":
      case "+":
      case "?":
        throw new Refused("it repeats nothing");
      default:
        return one;
    }
  }

  private group(): Part | undefined {
    if (this.take("?") && !this.take(":")) {
      if (this.matched(/^P?<\w+>/) === undefined) {
        const flags = this.matched(/^(?:[imsU]*|[imsU]*-[imsU]+)([:)])/);
        if (flags === undefined)
          throw new Refused("it has look-around or other syntax of Perl, which RE2 does not know");
        if (flags[1] === ")") return undefined;
      }
    }
    const inside = this.alternatives();
    if (!this.take(")")) throw new Refused("it opens a bracket and does not close it");
    return inside;
  }

  private characterClass(): Part {
    this.take("^");
    for (let first = true; first || !this.isNext("]"); first = false) {
      if (this.matched(classNames) !== undefined) continue;
      if (this.matched(/^\[:\^?[^\]]*:\]/) !== undefined) throw new Refused("it has a class that RE2 does not know");
      const low = this.classCharacter();
      if (low !== undefined && this.isNext("-") && this.characters[this.at + 1] !== "]") {
        this.next();
        const high = this.classCharacter();
        if (high === undefined || high < low) throw new Refused("it has a range that is none");
      }
    }
    this.next();
    return one;
  }

  /** @returns the code point, `undefined` for a class such as `\d` */
  private classCharacter(): number | undefined {
    const character = this.next();
    if (character !== "\\") return character.codePointAt(0);
    return this.matched(/^[dDsSwW]/) !== undefined || this.unicodeClass() ? undefined : this.escapedCodePoint();
  }

  private escaped(): Part | undefined {
    if (this.matched(/^[Az]/) !== undefined || this.take("B")) return empty;
    // There is no edge of a word in the empty text.
    if (this.take("b") || this.matched(/^[dDsSwW]/) !== undefined || this.unicodeClass()) return one;
    if (this.take("Q")) {
      const literal = this.matched(/^(.*?)(?:\\E|$)/s)?.[1] ?? "";
      return literal === "" ? undefined : one;
    }
    this.escapedCodePoint();
    return one;
  }

  private unicodeClass(): boolean {
    const name = this.matched(/^[pP](?:\{\^?(\w+)\}|(\w))/);
    if (name === undefined) return false;
    const known = name[1] ?? name[2] ?? "";
    if (!isUnicodeClass(known)) throw new Refused(`${known} is no class of Unicode`);
    return true;
  }

  private escapedCodePoint(): number {
    const octal = this.matched(/^(?:0[0-7]{0,2}|[1-7][0-7]{1,2})/)?.[0];
    if (octal !== undefined) return Number.parseInt(octal, 8);
    const hexadecimal = this.matched(/^x(?:\{([\da-fA-F]+)\}|([\da-fA-F]{2}))/);
    if (hexadecimal !== undefined) {
      const code = Number.parseInt(hexadecimal[1] ?? hexadecimal[2] ?? "", 16);
      if (code <= 0x10ffff) return code;
    }
    const character = this.next();
    const plain = "afnrtv".includes(character) || /^[^A-Za-z0-9\u0080-\u{10ffff}]$/u.test(character);
    if (!plain) throw new Refused(`it has the escape \\${character}, which RE2 does not know`);
    return character.codePointAt(0) ?? 0;
  }

  private repetition(): { least: number; most?: number } | undefined {
    if (this.take("*")) return { least: 0 };
    if (this.take("+")) return { least: 1 };
    if (this.take("?")) return { least: 0, most: 1 };
    const bounds = this.matched(/^\{(\d+)(?:(,)(\d+)?)?\}/);
    if (bounds === undefined) return undefined;
    const least = Number(bounds[1]);
    const most = bounds[2] === undefined ? least : bounds[3] === undefined ? undefined : Number(bounds[3]);
    if (least > mostRepeats || (most !== undefined && (most > mostRepeats || most < least)))
      throw new Refused("it has bounds of a repetition that are none");
    return most === undefined ? { least } : { least, most };
  }

  private isNext(character: string): boolean {
    return this.characters[this.at] === character;
  }

  private take(character: string): boolean {
    const found = this.isNext(character);
    if (found) this.at++;
    return found;
  }

  private next(): string {
    const character = this.characters[this.at++];
    if (character === undefined) throw new Refused("it ends too early");
    return character;
  }

  private matched(what: RegExp): RegExpExecArray | undefined {
    const found = what.exec(this.characters.slice(this.at).join(""));
    if (found === null) return undefined;
    this.at += [...found[0]].length;
    return found;
  }
}

const empty: Part = { matchesEmpty: true, repeats: 1 };
const one: Part = { matchesEmpty: false, repeats: 1 };

function isUnicodeClass(name: string): boolean {
  return [name, `Script=${name}`].some((text) => {
    try {
      return new RegExp(`\\p{${text}}`, "u") instanceof RegExp;
    } catch {
      return false;
    }
  });
}
