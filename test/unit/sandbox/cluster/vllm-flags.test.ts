import { describe, expect, it } from "vitest";
import { parseVllmFlags } from "../../../../packages/sandbox/src/cluster/vllm-flags";

describe("parseVllmFlags", () => {
  it.each([
    { words: ["vllm", "serve", "org/m", "--port", "9000"], model: "org/m", names: ["org/m"], port: 9000 },
    { words: ["/mnt/models", "--served-model-name=a"], model: "/mnt/models", names: ["a"], port: 8000 },
    { words: ["--served-model-name", "a", "b", "--model", "m"], model: "m", names: ["a", "b"], port: 8000 },
    { words: ["--served_model_name=a", "--model=m"], model: "m", names: ["a"], port: 8000 },
    {
      words: ["sh", "-c", "vllm serve org/m --served-model-name a --port=8080"],
      model: "org/m",
      names: ["a"],
      port: 8080,
    },
    {
      words: ["python3", "-m", "vllm.entrypoints.openai.api_server", "--model=m"],
      model: "m",
      names: ["m"],
      port: 8000,
    },
    { words: [], model: "Qwen/Qwen3-0.6B", names: ["Qwen/Qwen3-0.6B"], port: 8000 },
  ])("reads $words", ({ words, model, names, port }) => {
    expect(parseVllmFlags(words)).toEqual({ model, servedModelNames: names, port, apiKeys: [] });
  });

  it("reads the keys that clients may send", () => {
    expect(parseVllmFlags(["m", "--api-key", "a", "b", "--port=9"]).apiKeys).toEqual(["a", "b"]);
    expect(parseVllmFlags(["m", "--api_key=a"]).apiKeys).toEqual(["a"]);
  });

  it("reads limits, and leaves out those that are no whole numbers", () => {
    expect(parseVllmFlags(["m", "--max-model-len=8192", "--max-num-seqs", "16"])).toEqual({
      model: "m",
      servedModelNames: ["m"],
      port: 8000,
      apiKeys: [],
      maxModelLen: 8192,
      maxNumSeqs: 16,
    });
    expect(parseVllmFlags(["m", "--max-model-len=auto", "--max-num-seqs=0"])).toEqual({
      model: "m",
      servedModelNames: ["m"],
      port: 8000,
      apiKeys: [],
    });
  });

  it("does not take the value of a flag for another's", () => {
    expect(parseVllmFlags(["m", "--max-model-len-extra=5", "--seed", "7"])).toEqual({
      model: "m",
      servedModelNames: ["m"],
      port: 8000,
      apiKeys: [],
    });
  });
});
