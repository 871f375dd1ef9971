import { existsSync } from "node:fs";
import { request as plainRequest } from "node:http";
import { type RequestOptions, request } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { KubeConfig } from "@kubernetes/client-node";

/** Nothing can be read from the cluster, and why: one sentence for a person. */
export class ClusterUnusable extends Error {}

export interface ApiAnswer {
  status: number;
  body: unknown;
}

const answerSeconds = 30;
/** A page of 500 of the largest objects, ScaledObjects with twenty triggers, is 10 MB. */
const largestAnswerBytes = 64 * 1024 * 1024;
const tries = 5;
const longestPauseSeconds = 10;

/** What the client calls the context it makes up where there is no kubeconfig. */
const madeUp = "loaded-context";

/** A context of a kubeconfig file, without one of those that `KUBECONFIG` or the home directory names. */
export function contextConfig(file: string | undefined, context: string): KubeConfig {
  const config = new KubeConfig();
  const where = file ?? process.env.KUBECONFIG ?? "~/.kube/config";
  if (file !== undefined && !existsSync(file)) throw new ClusterUnusable(`${file}: There is no such kubeconfig.`);
  try {
    if (file === undefined) config.loadFromDefault();
    else config.loadFromFile(file);
  } catch {
    // What is wrong with it is not said: it may hold credentials.
    throw new ClusterUnusable(`${where}: It is no kubeconfig.`);
  }
  const known = config.getContexts().flatMap(({ name }) => (name === madeUp ? [] : [name]));
  if (!known.includes(context)) {
    const choice = known.length === 0 ? "It has none." : `It has ${known.sort().join(", ")}.`;
    throw new ClusterUnusable(`${where}: There is no context ${context}. ${choice}`);
  }
  config.setCurrentContext(context);
  if (config.getCurrentCluster() === null)
    throw new ClusterUnusable(`${where}: The cluster of context ${context} is not in it.`);
  return config;
}

/** Reads paths of an API server. Answers of the server are answers, whatever their status, but for 401. */
export class ApiRequests {
  private readonly server: string;

  constructor(private readonly config: KubeConfig) {
    this.server = config.getCurrentCluster()?.server ?? "";
  }

  /** @throws ClusterUnusable where the server does not answer, or not to these credentials */
  async get(path: string): Promise<ApiAnswer> {
    const { status, text, retryAfterSeconds } = await this.patiently(path);
    if (status === 401) {
      const context = this.config.getCurrentContext();
      throw new ClusterUnusable(`${this.server} refuses the credentials of context ${context}: log in again.`);
    }
    if (retryAfterSeconds !== undefined)
      throw new ClusterUnusable(`${this.server} is too busy to answer: try again later.`);
    return { status, body: parsed(text) };
  }

  /** A server that is busy says when to ask again. */
  private async patiently(path: string): Promise<RawAnswer> {
    for (let left = tries; ; left--) {
      const answer = await this.once(path);
      if (answer.retryAfterSeconds === undefined || left === 1) return answer;
      await sleep(Math.min(answer.retryAfterSeconds, longestPauseSeconds) * 1000);
    }
  }

  private async once(path: string): Promise<RawAnswer> {
    const options: RequestOptions = { method: "GET", headers: { accept: "application/json" } };
    try {
      await this.config.applyToHTTPSOptions(options);
    } catch (error) {
      throw new ClusterUnusable(
        `The credentials of context ${this.config.getCurrentContext()} cannot be had: ${messageOf(error)}.`,
      );
    }
    try {
      return await answerOf(new URL(`${this.server.replace(/\/$/, "")}${path}`), options);
    } catch (error) {
      throw new ClusterUnusable(`${this.server} cannot be reached: ${messageOf(error)}.`);
    }
  }
}

interface RawAnswer {
  status: number;
  text: string;
  retryAfterSeconds?: number;
}

function answerOf(url: URL, options: RequestOptions): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const call = (url.protocol === "http:" ? plainRequest : request)(url, options, (response) => {
      const { statusCode: status = 0, headers } = response;
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > largestAnswerBytes) call.destroy(new Error(`${url.pathname} answers with more than 64 MB`));
        else chunks.push(chunk);
      });
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        const seconds = Number(headers["retry-after"] ?? Number.NaN);
        const isBusy = (status === 429 || status === 503) && !Number.isNaN(seconds);
        resolve(isBusy ? { status, text, retryAfterSeconds: seconds } : { status, text });
      });
      response.on("error", reject);
    });
    call.on("error", reject);
    call.setTimeout(answerSeconds * 1000, () => call.destroy(new Error(`no answer within ${answerSeconds} s`)));
    call.end();
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function messageOf(error: unknown): string {
  // Node gives several addresses that all fail as one error without a message.
  const [first] = error instanceof AggregateError ? error.errors : [error];
  return first instanceof Error ? first.message : String(first);
}
