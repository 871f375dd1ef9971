/** What replaces a secret in a message, as Pulumi writes it. */
const placeholder = "[secret]";

/** Shorter ones are only replaced as whole words, so that a secret `1` does not make every message unreadable. */
const shortest = 4;

/**
 * Replaces secrets in a text from elsewhere: an API server or a webhook may repeat the value it refuses, plain or quoted.
 */
export function redact(text: string, secrets: readonly string[]): string {
  const variants = secrets.flatMap((each) => [each, JSON.stringify(each).slice(1, -1), ...each.split("\n")]);
  const longestFirst = [...new Set(variants.filter((each) => each.trim() !== ""))].sort((a, b) => b.length - a.length);
  return longestFirst.reduce(
    (result, each) => (each.length >= shortest ? result.replaceAll(each, placeholder) : replaceWord(result, each)),
    text,
  );
}

function replaceWord(text: string, word: string): string {
  const escaped = word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return text.replace(new RegExp(`(?<![\\w])${escaped}(?![\\w])`, "g"), placeholder);
}
