import { request } from "node:https";
import { type KubeConfig, KubernetesObjectApi, PatchStrategy } from "@kubernetes/client-node";
import pRetry from "p-retry";

/** Owner of the fields that the sandbox itself applies. */
export const fieldManager = "vllm-serving-sandbox";

const readSeconds = 10;
/** A server-side apply of one of the largest definitions takes that long on a busy machine. */
const writeSeconds = 60;

export interface ApiResponse {
  status: number;
  body: string;
}

/** A plain request to the API server. @throws Error when it cannot be reached. */
export async function requestApi(
  kubeConfig: KubeConfig,
  method: "GET" | "PATCH" | "POST",
  path: string,
  content?: { type: string; body: string },
): Promise<ApiResponse> {
  const url = new URL(path, kubeConfig.getCurrentCluster()?.server);
  const options = { method, ...(content && { headers: { "content-type": content.type } }) };
  await kubeConfig.applyToHTTPSOptions(options);
  return new Promise((resolve, reject) => {
    const call = request(url, options, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") }),
      );
      response.on("error", reject);
    });
    call.on("error", reject);
    const seconds = content === undefined ? readSeconds : writeSeconds;
    call.setTimeout(seconds * 1000, () =>
      call.destroy(new Error(`${method} ${path}: no answer within ${seconds} seconds`)),
    );
    call.end(content?.body);
  });
}

/** On a loaded machine the API server serves a kind, or its admission, a moment after it has said that it is ready. */
function patiently<T>(call: () => Promise<T>): Promise<T> {
  return pRetry(call, {
    retries: 20,
    minTimeout: 500,
    factor: 1,
    shouldRetry: ({ error }) =>
      "code" in error && typeof error.code === "number" && [404, 429, 500, 503].includes(error.code),
  });
}

/** Server-side apply of objects whose kinds the API server knows. */
export async function applyObjects(kubeConfig: KubeConfig, objects: object[]): Promise<void> {
  const api = KubernetesObjectApi.makeApiClient(kubeConfig);
  await Promise.all(
    objects.map((object) =>
      patiently(() => api.patch(object, undefined, undefined, fieldManager, true, PatchStrategy.ServerSideApply)),
    ),
  );
}

/** For kinds whose status is only accepted when they are created, such as a node's capacity. */
export async function createObjects(kubeConfig: KubeConfig, objects: object[]): Promise<void> {
  const api = KubernetesObjectApi.makeApiClient(kubeConfig);
  await Promise.all(objects.map((object) => patiently(() => api.create(object))));
}
