/** A comment that says why a finding is accepted. */
export interface Suppression {
  /** Line of the comment, from 1. */
  line: number;
  /** Lines it speaks about; absent for the whole file. */
  lines?: readonly number[];
  rules: readonly string[];
  /** Empty where none is given. */
  reason: string;
}

/**
 * `# vllm-serving: ignore <rule>[, <rule>] -- <reason>` on the line itself, or alone on the lines above it; and
 * `# vllm-serving: ignore-file <rule> -- <reason>` anywhere in the file.
 */
const comment = /(?:^|\s)#\s*vllm-serving:\s*(ignore|ignore-file)\s+([\w-]+(?:\s*,\s*[\w-]+)*)(?:\s+--\s*(.*?))?\s*$/;

export function suppressionsIn(text: string): Suppression[] {
  if (!text.includes("vllm-serving:")) return [];
  const lines = text.split("\n");
  const next = nextContents(lines);
  return lines.flatMap((line, i) => {
    const match = comment.exec(line);
    if (match === null) return [];
    const [, scope, rules = "", reason = ""] = match;
    const found = { line: i + 1, rules: rules.split(",").map((rule) => rule.trim()), reason };
    return [scope === "ignore-file" ? found : { ...found, lines: [next[i] ?? i + 1] }];
  });
}

/** For each line its own number, from 1, where something stands on it, otherwise that of the next on which something does. */
function nextContents(lines: readonly string[]): (number | undefined)[] {
  const next: (number | undefined)[] = [];
  for (let i = lines.length - 1; i >= 0; i--) next[i] = /^\s*(#|$)/.test(lines[i] ?? "") ? next[i + 1] : i + 1;
  return next;
}
