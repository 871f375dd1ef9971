import { createServer, type Server } from "node:http";
import { KubeConfig } from "@kubernetes/client-node";
import { afterEach, expect, test } from "vitest";
import { ApiClient } from "../../../../packages/sandbox/src/provider/api-client";

let server: Server | undefined;
afterEach(() => server?.close());

/** An API server that gives these answers one after the other, the last one for ever. */
async function clientOf(answers: { code: number; headers?: Record<string, string>; body: object }[]) {
  let requests = 0;
  const started = createServer((_request, response) => {
    const answer = answers[Math.min(requests, answers.length - 1)];
    requests += 1;
    response.writeHead(answer?.code ?? 500, answer?.headers).end(JSON.stringify(answer?.body));
  });
  server = started;
  await new Promise<void>((resolve) => started.listen(0, "127.0.0.1", resolve));
  const address = started.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    { name: "test", server: `http://127.0.0.1:${address.port}`, skipTLSVerify: true },
    { name: "test", token: "test" },
  );
  return { api: new ApiClient(config), asked: () => requests };
}

const initializing = { kind: "Status", message: "storage is (re)initializing", reason: "TooManyRequests" };
const again = { code: 429, headers: { "retry-after": "0" }, body: initializing };

test("asks again when the API server says when", async () => {
  const { api, asked } = await clientOf([again, again, { code: 200, body: {} }]);
  await api.checkReachable();
  expect(asked()).toBe(3);
});

test("gives up after ten times more, as client-go does", async () => {
  const { api, asked } = await clientOf([again]);
  await expect(api.checkReachable()).rejects.toThrow("storage is (re)initializing");
  expect(asked()).toBe(11);
});

test("does not ask again when it does not say when", async () => {
  const { api, asked } = await clientOf([{ code: 429, body: initializing }]);
  await expect(api.checkReachable()).rejects.toThrow("storage is (re)initializing");
  expect(asked()).toBe(1);
});
