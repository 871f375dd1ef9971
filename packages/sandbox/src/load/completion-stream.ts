import { createParser } from "eventsource-parser";
import { z } from "zod";

/** What reading a stream of completion chunks tells, in order. */
export interface StreamListener {
  /** A chunk that carries text came. */
  onText(): void;
  /** The stream cannot be used any more. */
  onError(message: string): void;
}

const chunkSchema = z.object({
  choices: z
    .array(z.object({ text: z.string().nullish(), delta: z.object({ content: z.string().nullish() }).nullish() }))
    .default([]),
  error: z.object({ message: z.string() }).or(z.string()).optional(),
});

/** Reads the server-sent events of `/v1/completions` and `/v1/chat/completions`. */
export class CompletionStream {
  private ended = false;
  private readonly decoder = new TextDecoder();
  private readonly parser = createParser({ onEvent: (event) => this.read(event.data) });

  constructor(private readonly listener: StreamListener) {}

  /** Whether the server said that this was all. */
  get complete(): boolean {
    return this.ended;
  }

  push(bytes: Uint8Array): void {
    this.parser.feed(this.decoder.decode(bytes, { stream: true }));
  }

  private read(data: string): void {
    if (data === "[DONE]") {
      this.ended = true;
      return;
    }
    const chunk = parseChunk(data);
    if (chunk === undefined)
      this.listener.onError(`the stream has a piece that is no completion: ${data.slice(0, 80)}`);
    else if (chunk.error !== undefined) {
      this.listener.onError(typeof chunk.error === "string" ? chunk.error : chunk.error.message);
    } else if (chunk.choices.some((choice) => (choice.text ?? choice.delta?.content ?? "") !== "")) {
      this.listener.onText();
    }
  }
}

function parseChunk(data: string): z.infer<typeof chunkSchema> | undefined {
  try {
    return chunkSchema.safeParse(JSON.parse(data)).data;
  } catch {
    return undefined;
  }
}
