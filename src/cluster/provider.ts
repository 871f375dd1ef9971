import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { dynamic } from "@pulumi/pulumi";
import { fieldOf } from "../manifests/platform/readiness";
import { namesCluster } from "./cluster-api";
import { definitionsGuard } from "./definitions-guard";
import { mergedConfigMap } from "./merged-config-map";
import { olmOperator } from "./olm-operator";
import type { ClusterOperation, Properties } from "./operation";
import { readyObjects } from "./ready-objects";
import { Unfinished } from "./unfinished";

const operations: Readonly<Record<string, ClusterOperation>> = {
  definitionsGuard,
  mergedConfigMap,
  olmOperator,
  readyObjects,
};

/** What a refresh remembers of something that somebody changed, so that the next `up` mends it. */
const drifted = "drifted";

/** Serves the resources of `components/cluster` in the process of Pulumi's provider for dynamic resources. */
export const clusterProvider: dynamic.ResourceProvider<Properties, Properties> = {
  async diff(_, olds, news) {
    const replaces = (operationOf(olds).identity ?? []).filter((path) => fieldOf(olds, path) !== fieldOf(news, path));
    const topLevel = replaces.map((path) => path.replace(/[.].*$/, ""));
    const changes = olds[drifted] === true || !sameSettings(olds, news);
    return { changes, replaces: [...new Set(topLevel)], deleteBeforeReplace: true };
  },
  async create(inputs) {
    const id = randomUUID();
    return { id, outs: await remembered(id, inputs, operationOf(inputs).create(inputs)) };
  },
  async read(id, outputs = {}) {
    const current = await operationOf(outputs).read(outputs);
    return current === undefined ? { id: "" } : { id, props: { ...outputs, ...current } };
  },
  async update(id, olds, news) {
    return { outs: await remembered(id, news, operationOf(news).update(olds, news)) };
  },
  async delete(_, outputs) {
    await operationOf(outputs).delete(outputs);
  },
};

/** Pulumi keeps what came with an error that has an id, and does not take it for finished. */
async function remembered(id: string, inputs: Properties, work: Promise<Properties>): Promise<Properties> {
  try {
    return { ...inputs, ...(await work) };
  } catch (error) {
    if (!(error instanceof Unfinished)) throw error;
    throw Object.assign(new Error(error.message), {
      id,
      properties: { ...inputs, ...error.made },
      reasons: [error.message],
    });
  }
}

function operationOf({ operation }: Properties): ClusterOperation {
  const found = operations[String(operation)];
  if (found === undefined) {
    throw new Error(
      `This version of vllm-serving knows no operation "${String(operation)}": use the one that made it.`,
    );
  }
  return found;
}

/** The code's own text changes with every release and place; a kubeconfig without a cluster is that of a preview without one. */
function sameSettings(olds: Properties, news: Properties): boolean {
  return Object.entries(news).every(([key, value]) => {
    if (key === "__provider") return true;
    if (key === "kubeconfig" && typeof value === "string" && !namesCluster(value)) return true;
    return isDeepStrictEqual(value, olds[key]);
  });
}
