import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { V1Pod } from "@kubernetes/client-node";
import { onTestFinished, vi } from "vitest";
import { annotations } from "vllm-serving/manifests";

/** A pod as the Deployment of a served model makes it, running. */
export function vllmPod(name = "llama-1", changes: Partial<V1Pod> = {}): V1Pod {
  return {
    metadata: {
      name,
      namespace: "llm",
      uid: `uid-${name}`,
      annotations: {
        [annotations.capacityProfile]: "llama-3.1-8b-l4",
        [annotations.meanPromptTokens]: "3072",
        [annotations.meanOutputTokens]: "1200",
      },
      ...changes.metadata,
    },
    spec: changes.spec ?? {
      containers: [
        {
          name: "vllm",
          image: "vllm/vllm-openai:v0.30.0",
          command: ["vllm", "serve"],
          args: ["/mnt/models", "--served-model-name=llama", "--port=8000", "--max-model-len=8192"],
        },
      ],
    },
    status: changes.status ?? { phase: "Running" },
  };
}

/** A server on a free port of 127.0.0.1 that is gone after the test. */
export async function serve(listener: RequestListener, port = 0): Promise<{ port: number; server: Server }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: portOf(server), server };
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  if (typeof address !== "object" || address === null) throw new Error("not listening");
  return address.port;
}

/** Waits until the assertion holds. */
export function eventually(assertion: () => void | Promise<void>): Promise<void> {
  return vi.waitFor(assertion, { timeout: 5_000, interval: 10 });
}

/** A promise with its resolver. */
export function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
