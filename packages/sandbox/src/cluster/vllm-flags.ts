/** The flags of a vLLM command line that the simulator takes over. */
export interface VllmFlags {
  model: string;
  /** Names clients may ask for; the first is the `model_name` of the metrics. Without the flag, the model. */
  servedModelNames: string[];
  port: number;
  maxModelLen?: number;
  maxNumSeqs?: number;
  /** Keys that clients may send. */
  apiKeys: string[];
}

/** What vLLM serves when no model is named (vllm/config/model.py). */
const defaultModel = "Qwen/Qwen3-0.6B";
const defaultPort = 8000;

/**
 * Reads command and arguments of a vLLM container: `--flag value` and `--flag=value`, with dashes or underscores, also
 * inside one string of a shell.
 */
export function parseVllmFlags(commandLine: string[]): VllmFlags {
  const words = commandLine.flatMap((word) => word.split(/\s+/)).filter((word) => word !== "");
  const model = valuesOf(words, "model")[0] ?? positionalModel(words) ?? defaultModel;
  const names = valuesOf(words, "served-model-name");
  const maxModelLen = wholeNumber(valuesOf(words, "max-model-len")[0]);
  const maxNumSeqs = wholeNumber(valuesOf(words, "max-num-seqs")[0]);
  return {
    model,
    servedModelNames: names.length > 0 ? names : [model],
    apiKeys: valuesOf(words, "api-key"),
    port: wholeNumber(valuesOf(words, "port")[0]) ?? defaultPort,
    ...(maxModelLen !== undefined && { maxModelLen }),
    ...(maxNumSeqs !== undefined && { maxNumSeqs }),
  };
}

/** All values of a flag: what follows it up to the next flag. */
function valuesOf(words: string[], flag: string): string[] {
  const values: string[] = [];
  let reading = false;
  for (const word of words) {
    const [name = "", inline] = splitOnce(word);
    if (word.startsWith("--")) {
      reading = name.slice(2).replaceAll("_", "-") === flag;
      if (reading && inline !== undefined) {
        values.push(inline);
      }
    } else if (reading) {
      values.push(word);
    }
  }
  return values;
}

function splitOnce(word: string): string[] {
  const at = word.indexOf("=");
  return at < 0 ? [word] : [word.slice(0, at), word.slice(at + 1)];
}

/** The model of `vllm serve MODEL`, or of an image whose entry point is `vllm serve`. */
function positionalModel(words: string[]): string | undefined {
  const first = words[words.lastIndexOf("serve") + 1];
  return first === undefined || first.startsWith("-") || /python|sh$/.test(first) ? undefined : first;
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^[1-9]\d*$/.test(text) ? Number(text) : undefined;
}
