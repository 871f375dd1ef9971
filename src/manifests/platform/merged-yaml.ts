import { isMap, parseDocument } from "yaml";

/** A value of a YAML document and where it is. */
export interface YamlSetting {
  /** Keys from the top of the document. */
  path: string[];
  /** Texts, numbers and flags; what holds others is not replaced as a whole. */
  value: string | number | boolean;
}

/** What a setting was before it was ours. */
export interface FormerSetting {
  path: string[];
  /** Nothing if the key was not there. */
  value?: unknown;
}

export interface MergedYaml {
  text: string;
  /** What to put back when the settings go, one for each of them. */
  former: FormerSetting[];
}

/**
 * The document with these settings, and everything else in it as it was, comments included. Settings of before that are not
 * wanted any more are put back.
 *
 * @param former What was remembered by an earlier merge of the same document.
 * @throws Error if the text is no YAML mapping: it is then not ours to repair
 */
export function mergeYaml(
  text: string,
  wanted: readonly YamlSetting[],
  former: readonly FormerSetting[] = [],
  applied: readonly YamlSetting[] = [],
): MergedYaml {
  const dropped = applied.filter((setting) => !wanted.some((other) => samePath(setting, other)));
  const document = parsed(unmergeYaml(text, dropped, former));
  const remembered = wanted.map(({ path }) => {
    const known = former.find((other) => samePath(other, { path }));
    if (known !== undefined) return known;
    return document.hasIn(path) ? { path, value: document.getIn(path) } : { path };
  });
  for (const { path, value } of wanted) {
    if (document.getIn(path) !== value) document.setIn(path, value);
  }
  return { text: document.toString({ lineWidth: 0 }), former: remembered };
}

/** The document without our settings. One that somebody has changed since stays as it is: it is theirs now. */
export function unmergeYaml(text: string, applied: readonly YamlSetting[], former: readonly FormerSetting[]): string {
  const document = parsed(text);
  for (const { path, value } of applied) {
    if (document.getIn(path) !== value) continue;
    const before = former.find((other) => samePath(other, { path }));
    if (before !== undefined && "value" in before) {
      document.setIn(path, before.value);
    } else {
      document.deleteIn(path);
      removeEmptyParents(document, path);
    }
  }
  return document.contents === null || (isMap(document.contents) && document.contents.items.length === 0)
    ? ""
    : document.toString({ lineWidth: 0 });
}

/** Whether the document has these settings. */
export function hasSettings(text: string, wanted: readonly YamlSetting[]): boolean {
  const document = parsed(text);
  return wanted.every(({ path, value }) => document.getIn(path) === value);
}

function parsed(text: string) {
  const document = parseDocument(text);
  if (document.errors.length > 0 || (document.contents !== null && !isMap(document.contents))) {
    throw new Error("the text is no YAML mapping");
  }
  return document;
}

/** Mappings that only held our setting. */
function removeEmptyParents(document: ReturnType<typeof parsed>, path: readonly string[]): void {
  for (let depth = path.length - 1; depth > 0; depth--) {
    const parent = path.slice(0, depth);
    const node = document.getIn(parent, true);
    if (!isMap(node) || node.items.length > 0) return;
    document.deleteIn(parent);
  }
}

function samePath(one: { path: readonly string[] }, other: { path: readonly string[] }): boolean {
  return one.path.join("\n") === other.path.join("\n");
}
