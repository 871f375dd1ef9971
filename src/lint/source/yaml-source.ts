import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseAllDocuments,
  Scalar,
  stringify,
  visit,
} from "yaml";
import type { Edit, TextEdit } from "./edit";
import { isRecord, type PathPart, unknownValue } from "./field";
import { LintedObject, type ObjectOrigin, type Position } from "./linted-object";

/** Why a text cannot be linted. */
export class UnusableInput extends Error {
  constructor(
    readonly file: string,
    readonly reason: string,
    readonly position?: Position,
  ) {
    super(`${file}${position ? `:${position.line}:${position.column}` : ""}: ${reason}`);
  }
}

/** Larger texts are not read: a cluster of 1,000 ScaledObjects is 5 MB. */
const largestTextBytes = 32 * 1024 * 1024;
/** Aliases are resolved at most this often, so that a few lines cannot grow into gigabytes. */
const mostAliases = 100;
/** Line breaks, commas, colons and opening brackets: what a text is in memory follows from them, at most a kilobyte for each. */
const mostSeparators = 1_000_000;
const mostDocuments = 50_000;
/** Kubernetes objects are 10 to 20 levels deep. */
const deepestNesting = 200;

export interface YamlSource {
  name: string;
  text: string;
  objects: LintedObject[];
}

/**
 * Reads a YAML or JSON text of Kubernetes objects. Documents that are empty or no objects of the API, such as Helm's values, are
 * passed over.
 *
 * @throws UnusableInput when the text is too large, no YAML, holds what is in no text, or grows out of bounds
 */
export function readYaml(name: string, text: string): YamlSource {
  refuseLargeText(name, text.length);
  refuseControlCharacters(name, text);
  const lines = new LineCounter();
  refuseDeepNesting(name, text);
  refuseManyParts(name, text);
  // The parser compares each key with all before it.
  const options = { lineCounter: lines, prettyErrors: false, logLevel: "silent", uniqueKeys: false } as const;
  const documents = parseAllDocuments(text, options);
  if (!Array.isArray(documents)) return { name, text, objects: [] };
  const hasTemplates = template.test(text);
  const objects = documents.flatMap((document) => {
    const [error] = document.errors;
    const wrong = error ? { at: error.pos[0], message: error.message } : repeatedKey(document);
    if (wrong) {
      const { line, col } = lines.linePos(wrong.at);
      throw new UnusableInput(name, reasonOf(wrong.message, text), { line, column: col });
    }
    const origin = new YamlOrigin(name, text, document, lines);
    const content = contentOf(name, document);
    return objectsIn(hasTemplates ? withoutTemplates(content) : content, origin);
  });
  return { name, text, objects };
}

/** @throws UnusableInput when bytes are no text in UTF-8 */
export function decoded(name: string, bytes: Uint8Array): string {
  const [first = 0, second = 0] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff))
    throw new UnusableInput(name, "It is UTF-16. Save it as UTF-8.");
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new UnusableInput(name, "It is no text in UTF-8.");
  }
}

/** Neither YAML nor JSON have them, and the parser passes over them. */
function refuseControlCharacters(name: string, text: string): void {
  const at = text.search(/[^\P{Cc}\t\n\r\x7f-\x9f]/u);
  if (at === -1) return;
  const code = text.charCodeAt(at).toString(16).toUpperCase().padStart(4, "0");
  const lines = text.slice(0, at).split("\n");
  const position = { line: lines.length, column: (lines.at(-1) ?? "").length + 1 };
  throw new UnusableInput(name, `It is no YAML: the control character U+${code} is in no text.`, position);
}

/** @throws UnusableInput when it is: best asked before a text is read */
export function refuseLargeText(name: string, bytes: number): void {
  if (bytes <= largestTextBytes) return;
  const [megabytes, most] = [bytes, largestTextBytes].map((count) => Math.round(count / 1024 / 1024));
  throw new UnusableInput(name, `${megabytes} MB is more than the ${most} MB that are read. Split the file.`);
}

function reasonOf(message: string, text: string): string {
  const what = `It is not YAML: ${message.replace(/\s+/g, " ").replace(/\.$/, "")}.`;
  return /\{\{[^}]*\}\}/.test(text)
    ? `${what} It looks like a template: lint what \`helm template\` makes of it.`
    : what;
}

function contentOf(name: string, document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: mostAliases });
  } catch (error) {
    if (error instanceof ReferenceError)
      throw new UnusableInput(name, `Its aliases cannot be resolved: ${error.message}.`);
    throw error;
  }
}

/** What Helm, and those that put variables in, have yet to replace. */
const template = /\{\{[\s\S]*?\}\}|\$\{[^}]*\}/;
/** Texts in which the same is a script's or the server's own. */
const verbatim: ReadonlySet<string> = new Set(["args", "command", "data", "stringData"]);

/** Values that a template is part of are not known yet. */
function withoutTemplates(content: unknown): unknown {
  const seen = new Map<unknown, unknown>();
  const known = (value: unknown): unknown => {
    if (typeof value === "string") return template.test(value) ? unknownValue : value;
    if (typeof value !== "object" || value === null) return value;
    // What aliases share stays shared.
    if (!seen.has(value)) seen.set(value, Array.isArray(value) ? value.map(known) : ofMap(value));
    return seen.get(value);
  };
  const ofMap = (map: object) =>
    Object.fromEntries(Object.entries(map).map(([key, value]) => [key, verbatim.has(key) ? value : known(value)]));
  return known(content);
}

/** The parser follows the nesting with its own calls: too deep a text would end it without an error to show. */
function refuseDeepNesting(name: string, text: string): void {
  let depth = 0;
  let line = 1;
  for (let i = 0; i < text.length; i++) {
    const character = text.charCodeAt(i);
    if (character === 0x0a) line++;
    else if (character === 0x7b || character === 0x5b) depth++;
    else if (character === 0x7d || character === 0x5d) depth = Math.max(0, depth - 1);
    if (depth > deepestNesting) {
      throw new UnusableInput(name, `More than ${deepestNesting} brackets are open at once.`, { line, column: 1 });
    }
  }
  const deep = new RegExp(`^(?: {${2 * deepestNesting},}|(?:\\s*- ){${deepestNesting},})`, "m").exec(text);
  if (deep) throw new UnusableInput(name, `It is nested more than ${deepestNesting} levels deep.`);
}

function refuseManyParts(name: string, text: string): void {
  let separators = 0;
  for (let i = 0; i < text.length; i++) {
    const character = text.charCodeAt(i);
    if (character === 0x0a || character === 0x2c || character === 0x3a || character === 0x7b || character === 0x5b)
      separators++;
  }
  const documents = text.match(/^---/gm)?.length ?? 0;
  if (separators > mostSeparators || documents > mostDocuments)
    throw new UnusableInput(name, "It has more keys, items and documents than are read. Split the file.");
}

/** A key that its map has already, as the parser's own check finds it. */
function repeatedKey(document: Document): { at: number; message: string } | undefined {
  let found: number | undefined;
  visit(document, {
    Map(_, { items }) {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        const value = isScalar(key) ? key.value : key;
        if (seen.has(value)) {
          found = isScalar(key) ? key.range?.[0] : undefined;
          return visit.BREAK;
        }
        seen.add(value);
      }
      return undefined;
    },
  });
  return found === undefined ? undefined : { at: found, message: "Map keys must be unique" };
}

function objectsIn(value: unknown, origin: ObjectOrigin, root: readonly PathPart[] = []): LintedObject[] {
  if (!isRecord(value)) return [];
  const { apiVersion, kind, items } = value;
  if (typeof apiVersion !== "string" || typeof kind !== "string") return [];
  if (kind.endsWith("List") && Array.isArray(items)) {
    return items.flatMap((item: unknown, i) => objectsIn(item, origin, [...root, "items", i]));
  }
  return [new LintedObject(origin, value, root)];
}

class YamlOrigin implements ObjectOrigin {
  constructor(
    readonly name: string,
    private readonly text: string,
    private readonly document: Document,
    private readonly lines: LineCounter,
  ) {}

  positionOf(path: readonly PathPart[]): Position | undefined {
    const start = this.startOf(path);
    if (start === undefined) return undefined;
    const { line, col } = this.lines.linePos(start);
    return { line, column: col };
  }

  textEditOf(edit: Edit): TextEdit | undefined {
    switch (edit.kind) {
      case "set":
        return this.replacement(edit.path, edit.value);
      case "add":
        return this.addition(edit.path, edit.value);
      case "remove":
        return this.removal(edit.path);
    }
  }

  /** What is named by an anchor is used elsewhere, too, so it stays. */
  private replacement(path: readonly PathPart[], value: string | number | boolean): TextEdit | undefined {
    const node = this.nodeAt(path);
    if (!node?.range || (isScalar(node) && node.anchor !== undefined)) return undefined;
    const [from, end] = node.range;
    if (!isScalar(node) || !isBlock(node)) return { from, to: end, text: scalarText(value) };
    // The range ends after the last line break, and after empty lines; neither is replaced.
    const text = this.text.slice(from, end).trimEnd();
    return { from, to: from + text.length, text: blockText(text, value) };
  }

  /** A new line under one of the map's own lines that holds a plain value. */
  private addition(path: readonly PathPart[], value: string | number | boolean): TextEdit | undefined {
    const map = this.nodeAt(path.slice(0, -1));
    const key = path.at(-1);
    if (!isMap(map) || map.flow || typeof key !== "string") return undefined;
    const neighbour = map.items.find((pair) => isScalar(pair.key) && isScalar(pair.value) && oneLine(pair, this.text));
    const keyStart = isScalar(neighbour?.key) ? neighbour.key.range?.[0] : undefined;
    const valueEnd = isScalar(neighbour?.value) ? neighbour.value.range?.[1] : undefined;
    if (keyStart === undefined || valueEnd === undefined) return undefined;
    const column = keyStart - (this.text.lastIndexOf("\n", keyStart - 1) + 1);
    const end = this.lineEnd(valueEnd);
    const lineBreak = this.text.startsWith("\r\n", end) ? "\r\n" : "\n";
    return { from: end, to: end, text: `${lineBreak}${" ".repeat(column)}${key}: ${scalarText(value)}` };
  }

  /** The whole lines of a field; not the first of a list's item, whose dash stands on the same line. */
  private removal(path: readonly PathPart[]): TextEdit | undefined {
    const map = this.nodeAt(path.slice(0, -1));
    if (!isMap(map) || map.flow || map.items.length < 2) return undefined;
    const pair = map.items.find(({ key }) => isScalar(key) && key.value === path.at(-1));
    const start = isScalar(pair?.key) ? pair.key.range?.[0] : undefined;
    const value = pair?.value;
    if (start === undefined || !isScalar(value) || !value.range) return undefined;
    const lineStart = this.text.lastIndexOf("\n", start - 1) + 1;
    if (this.text.slice(lineStart, start).trim() !== "") return undefined;
    // A block scalar's range ends after its last line break.
    const end = this.nextLine(Math.max(value.range[0], value.range[1] - 1));
    return { from: lineStart, to: this.behindComment(value.range[1], end, start - lineStart), text: "" };
  }

  /** The lines on which the comment of a line goes on: they stand deeper than its key. */
  private behindComment(valueEnd: number, lineEnd: number, column: number): number {
    if (!this.text.slice(valueEnd, lineEnd).trimStart().startsWith("#")) return lineEnd;
    const rest = /^(?:[ \t]*#.*(?:\n|$))*/.exec(this.text.slice(lineEnd))?.[0] ?? "";
    const comments = rest.split(/(?<=\n)/);
    const other = comments.findIndex((line) => line.search(/\S/) <= column);
    return lineEnd + (other === -1 ? comments : comments.slice(0, other)).join("").length;
  }

  private nextLine(offset: number): number {
    const lineBreak = this.text.indexOf("\n", offset);
    return lineBreak === -1 ? this.text.length : lineBreak + 1;
  }

  private lineEnd(offset: number): number {
    const end = this.text.indexOf("\n", offset);
    const at = end === -1 ? this.text.length : end;
    return this.text.charAt(at - 1) === "\r" ? at - 1 : at;
  }

  private startOf(path: readonly PathPart[]): number | undefined {
    const key = path.at(-1);
    const around = this.nodeAt(path.slice(0, -1));
    if (typeof key === "string" && isMap(around)) {
      const pair = around.items.find((item) => isScalar(item.key) && item.key.value === key);
      return isScalar(pair?.key) ? pair.key.range?.[0] : undefined;
    }
    return this.nodeAt(path)?.range?.[0];
  }

  private nodeAt(path: readonly PathPart[]): Node | undefined {
    let node: unknown = this.document.contents;
    for (const part of path) {
      if (isAlias(node)) return undefined;
      if (isMap(node) || isSeq(node)) node = node.get(part, true);
      else return undefined;
    }
    return isScalar(node) || isMap(node) || isSeq(node) ? node : undefined;
  }
}

function oneLine(pair: Pair, text: string): boolean {
  if (!isPair(pair) || !isScalar(pair.key) || !isScalar(pair.value) || pair.value.anchor) return false;
  const [from, to] = [pair.key.range?.[0], pair.value.range?.[1]];
  return from !== undefined && to !== undefined && !text.slice(from, to).includes("\n");
}

function isBlock({ type }: Scalar): boolean {
  return type === Scalar.BLOCK_FOLDED || type === Scalar.BLOCK_LITERAL;
}

/** A value in the place of a block scalar: several lines as a block again, and the comment behind its first line. */
function blockText(before: string, value: string | number | boolean): string {
  const comment = /^[^\r\n]*?([ \t]+#[^\r\n]*)/.exec(before)?.[1] ?? "";
  const lineBreak = before.includes("\r\n") ? "\r\n" : "\n";
  const indentation = /\n([ ]+)\S/.exec(before)?.[1] ?? "";
  const lines = typeof value === "string" ? value.replace(/\n$/, "").split("\n") : [];
  const fits = indentation !== "" && lines.every((line) => /^\S/.test(line));
  if (typeof value !== "string" || !value.includes("\n") || !fits) return `${scalarText(value)}${comment}`;
  const header = value.endsWith("\n") ? "|" : "|-";
  return [`${header}${comment}`, ...lines.map((line) => `${indentation}${line}`)].join(lineBreak);
}

/** As YAML writes it in one line, quoted where it would be read as something else. */
function scalarText(value: string | number | boolean): string {
  return stringify(value, {
    lineWidth: 0,
    defaultStringType: typeof value === "string" && !/^[A-Za-z][A-Za-z]*$/.test(value) ? "QUOTE_DOUBLE" : "PLAIN",
  }).trimEnd();
}
