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
  return lines.flatMap((line, i) => {
    const match = comment.exec(line);
    if (match === null) return [];
    const [, scope, rules = "", reason = ""] = match;
    const found = { line: i + 1, rules: rules.split(",").map((rule) => rule.trim()), reason };
    return [scope === "ignore-file" ? found : { ...found, lines: [spokenAbout(lines, i)] }];
  });
}

/** The line itself where something stands before the comment, otherwise the next that is no comment. */
function spokenAbout(lines: readonly string[], i: number): number {
  if (!/^\s*#/.test(lines[i] ?? "")) return i + 1;
  let next = i + 1;
  while (next < lines.length && /^\s*(#|$)/.test(lines[next] ?? "")) next++;
  return next === lines.length ? i + 1 : next + 1;
}
