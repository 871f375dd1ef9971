import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(__dirname, "../..");

/** Texts of the blocks of a page in a language. */
export function documentedBlocks(page: string, language: string): string[] {
  const text = readFileSync(join(root, page), "utf8");
  return [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].flatMap(([, of, block = ""]) =>
    of === language ? [block] : [],
  );
}

/** The lines that a page tells to type into a shell, each once. */
export function documentedCommands(page: string): string[] {
  const lines = documentedBlocks(page, "sh").flatMap((block) => block.replaceAll("\\\n", "").trim().split("\n"));
  return [...new Set(lines)];
}
