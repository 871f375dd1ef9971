/** The shape of a dense transformer in bf16, by the fields of its `config.json`. */
export interface ModelArchitecture {
  /** Repository the figures are from. */
  repository: string;
  /** `num_hidden_layers`. */
  layers: number;
  /** `hidden_size`. */
  hiddenSize: number;
  /** `intermediate_size`. */
  intermediateSize: number;
  /** `num_attention_heads`. */
  attentionHeads: number;
  /** `num_key_value_heads`. */
  keyValueHeads: number;
  /** `head_dim`, or `hidden_size / num_attention_heads`. */
  headSize: number;
  /** `vocab_size`. */
  vocabularySize: number;
  /** `tie_word_embeddings`: the output layer is the input embedding, and not stored twice. */
  tiedEmbeddings: boolean;
}

/** Models that profiles are estimated for. Source of each: `config.json` of its repository on Hugging Face. */
export const models = {
  "llama-3.2-3b": {
    repository: "meta-llama/Llama-3.2-3B-Instruct",
    layers: 28,
    hiddenSize: 3072,
    intermediateSize: 8192,
    attentionHeads: 24,
    keyValueHeads: 8,
    headSize: 128,
    vocabularySize: 128_256,
    tiedEmbeddings: true,
  },
  "llama-3.1-8b": {
    repository: "meta-llama/Llama-3.1-8B-Instruct",
    layers: 32,
    hiddenSize: 4096,
    intermediateSize: 14_336,
    attentionHeads: 32,
    keyValueHeads: 8,
    headSize: 128,
    vocabularySize: 128_256,
    tiedEmbeddings: false,
  },
  "granite-3.3-8b": {
    repository: "ibm-granite/granite-3.3-8b-instruct",
    layers: 40,
    hiddenSize: 4096,
    intermediateSize: 12_800,
    attentionHeads: 32,
    keyValueHeads: 8,
    headSize: 128,
    vocabularySize: 49_159,
    tiedEmbeddings: true,
  },
  "llama-3.1-70b": {
    repository: "meta-llama/Llama-3.1-70B-Instruct",
    layers: 80,
    hiddenSize: 8192,
    intermediateSize: 28_672,
    attentionHeads: 64,
    keyValueHeads: 8,
    headSize: 128,
    vocabularySize: 128_256,
    tiedEmbeddings: false,
  },
} as const satisfies Record<string, ModelArchitecture>;

/** Parameters by what is done with them. */
export interface Parameters {
  /** All of them. */
  all: number;
  /** Of the layers alone, without embedding and output layer. */
  layers: number;
  /** Read for every token generated: all but an input embedding that has a table of its own. */
  readEachStep: number;
}

/** Counts the parameters of an architecture: attention, a gated MLP and two norms a layer, embedding, output layer and a norm. */
export function parametersOf(model: ModelArchitecture): Parameters {
  const { layers, hiddenSize, intermediateSize, attentionHeads, keyValueHeads, headSize } = model;
  const attention = 2 * hiddenSize * headSize * (attentionHeads + keyValueHeads);
  const layer = attention + 3 * hiddenSize * intermediateSize + 2 * hiddenSize;
  const embedding = model.vocabularySize * hiddenSize;
  const readEachStep = layers * layer + hiddenSize + embedding;
  return {
    all: readEachStep + (model.tiedEmbeddings ? 0 : embedding),
    layers: layers * layer,
    readEachStep,
  };
}
