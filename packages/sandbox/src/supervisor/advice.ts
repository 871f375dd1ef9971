/** What a part's last lines, or an error, say about its cause, and what helps. */
const known: { pattern: RegExp; advice: string }[] = [
  {
    pattern: /address already in use|EADDRINUSE/,
    advice:
      "Another program has taken a port that was free when the sandbox chose it. Start the sandbox again: it chooses other ports.",
  },
  {
    pattern: /no space left on device|ENOSPC|disk quota exceeded|EDQUOT|database space exceeded/,
    advice:
      "The disk is full: free some space. What runs is started again by itself; for a folder on another disk, set VLLM_SERVING_STATE and start the sandbox anew.",
  },
  {
    pattern: /too many open files|EMFILE|ENFILE/,
    advice: "Too few files may be open at once here: raise the limit (`ulimit -n 4096`), then start the sandbox again.",
  },
  {
    pattern: /cannot allocate memory|ENOMEM|out of memory/i,
    advice: "This machine has too little free memory: end other programs, then start the sandbox again.",
  },
];

/** Undefined where nothing is known that helps. */
export function adviceFor(lines: string[]): string | undefined {
  return known.find(({ pattern }) => lines.some((line) => pattern.test(line)))?.advice;
}
