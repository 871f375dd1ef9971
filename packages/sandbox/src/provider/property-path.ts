export type PropertyPath = (string | number)[];

/**
 * Reads Pulumi's paths, as in `ignoreChanges`: `spec.replicas`, `spec.containers[0].image`, `metadata.labels["a.b/c"]`;
 * `*` stands for any one step.
 * @throws Error for a path that does not end where it should.
 */
export function parsePropertyPath(text: string): PropertyPath {
  const path: PropertyPath = [];
  const step = /\.?([^.[\]"]+)|\.?\["((?:[^"\\]|\\.)*)"\]|\[(\d+|\*)\]/y;
  while (step.lastIndex < text.length) {
    const start = step.lastIndex;
    const match = step.exec(text);
    if (match === null)
      throw new Error(`Cannot read the property path ${JSON.stringify(text)} from position ${start}.`);
    const [, key, quoted, index] = match;
    if (key !== undefined) path.push(key);
    else if (quoted !== undefined) path.push(quoted.replaceAll('\\"', '"'));
    else path.push(index === undefined || index === "*" ? "*" : Number(index));
  }
  return path;
}

/** Writes a path as Pulumi's display reads it. */
export function formatPropertyPath(path: PropertyPath): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === "number") return `${text}[${step}]`;
    if (/[."[\]]/.test(step)) return `${text}["${step.replaceAll('"', '\\"')}"]`;
    return text === "" ? step : `${text}.${step}`;
  }, "");
}

/** Whether the first path is the second or leads to it. */
export function leadsTo(path: PropertyPath, to: PropertyPath): boolean {
  return path.length <= to.length && path.every((step, i) => step === "*" || step === to[i]);
}
