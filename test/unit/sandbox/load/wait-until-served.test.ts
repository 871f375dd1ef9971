import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import { waitUntilServed } from "../../../../packages/sandbox/src/load/wait-until-served";

let server: Server | undefined;
afterEach(() => server?.close());

/** Answers 503 to the first `refusals` requests. */
async function serve(refusals: number): Promise<string> {
  let asked = 0;
  server = createServer((request, response) => {
    asked += 1;
    if (asked <= refusals) return void response.writeHead(503).end("no ready endpoint");
    const models = { data: [{ id: "llama" }] };
    const completion = { choices: [{ text: "Hello." }] };
    response.end(JSON.stringify(request.url === "/v1/models" ? models : completion));
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

it("asks again until the model answers, and returns its answer", async () => {
  expect(await waitUntilServed({ url: await serve(2), model: "llama", timeoutSeconds: 30 })).toBe("Hello.");
});

it("gives up with the last answer", async () => {
  const url = await serve(1000);
  await expect(waitUntilServed({ url, model: "llama", timeoutSeconds: 0.2 })).rejects.toThrow(
    `${url}/v1/models answered 503: no ready endpoint`,
  );
});

it("does not wait when another model is served", async () => {
  const url = await serve(0);
  await expect(waitUntilServed({ url, model: "gpt", timeoutSeconds: 30 })).rejects.toThrow(
    `${url} serves llama, not gpt.`,
  );
});
