import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ApiException,
  CoreV1Api,
  type KubeConfig,
  type KubernetesObject,
  KubernetesObjectApi,
  NetworkingV1Api,
  PatchStrategy,
} from "@kubernetes/client-node";
import { ensureTools } from "@vllm-serving/sandbox";
import { execa } from "execa";
import { at, type Json, type JsonObject, toJson } from "../../../../../packages/sandbox/src/provider/json";
import { waitFor } from "../../cluster";
import type { OutsideAction } from "../scenario";

/** Where the widgets' definition comes from; objects of other definitions are the sandbox's own. */
export const widgetDefinition = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "widgets.answers.test" },
  spec: {
    group: "answers.test",
    scope: "Namespaced",
    names: { kind: "Widget", plural: "widgets", singular: "widget", listKind: "WidgetList" },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: "object",
            properties: {
              spec: {
                type: "object",
                properties: {
                  size: { type: "integer", maximum: 10 },
                  color: { type: "string", default: "grey" },
                  tags: { type: "array", items: { type: "string" } },
                  parts: {
                    type: "array",
                    items: { type: "object", properties: { name: { type: "string" }, count: { type: "integer" } } },
                  },
                  anything: { type: "object", x_kubernetes_preserve_unknown_fields: true },
                },
              },
              status: { type: "object", x_kubernetes_preserve_unknown_fields: true },
            },
          },
        },
      },
    ],
  },
};

interface Named {
  apiVersion: string;
  kind: string;
  name?: string;
}

function reference({ apiVersion, kind, name = "thing" }: Named, namespace: string) {
  return { apiVersion, kind, metadata: { name, namespace } };
}

/** Creates an object, in the scenario's namespace unless it says otherwise. */
export function creates(object: JsonObject): OutsideAction {
  return async (cluster, namespace) => {
    const metadata = { namespace, ...Object(object.metadata) };
    const body: KubernetesObject = { ...object, metadata };
    await KubernetesObjectApi.makeApiClient(cluster).create(body);
    return undefined;
  };
}

/** A merge patch by another field manager. */
export function patches(target: Named, patch: JsonObject, fieldManager = "somebody"): OutsideAction {
  return async (cluster, namespace) => {
    const body: KubernetesObject = { ...patch, ...reference(target, namespace) };
    Object.assign(body, { metadata: { ...Object(patch.metadata), ...reference(target, namespace).metadata } });
    await KubernetesObjectApi.makeApiClient(cluster).patch(
      body,
      undefined,
      undefined,
      fieldManager,
      undefined,
      PatchStrategy.MergePatch,
    );
    return undefined;
  };
}

export function deletes(target: Named): OutsideAction {
  return async (cluster, namespace) => {
    const api = KubernetesObjectApi.makeApiClient(cluster);
    const object = reference(target, namespace);
    await api.delete(object);
    await waitFor(`the end of ${target.kind}`, async () => (await found(cluster, target, namespace)) === undefined);
    return undefined;
  };
}

/** Something at a path of an object, as it is now; null when there is none. */
export function looksAt(target: Named, ...path: string[]): OutsideAction {
  return async (cluster, namespace) => at(await found(cluster, target, namespace), ...path) ?? null;
}

/** Waits until a path of an object has this value. */
export function waitsFor(target: Named, path: string[], wanted: string): OutsideAction {
  return async (cluster, namespace) => {
    await waitFor(`${path.join(".")} of ${target.kind}`, async () => {
      const value = at(await found(cluster, target, namespace), ...path);
      return value !== undefined && value !== null && String(value) === wanted;
    });
    return undefined;
  };
}

/** Waits for an object and sets its status, as a controller does. */
export function reports(target: Named, status: JsonObject): OutsideAction {
  return async (cluster, namespace) => {
    await waitFor(`${target.kind} to be there`, async () => (await found(cluster, target, namespace)) !== undefined);
    await patches(target, { status })(cluster, namespace);
    return undefined;
  };
}

/** Waits for a Service or an Ingress and gives it an address, as a load balancer's controller does. */
export function isGivenAddress(target: Named): OutsideAction {
  return async (cluster, namespace) => {
    const { kind, name = "thing" } = target;
    await waitFor(`${kind} to be there`, async () => (await found(cluster, target, namespace)) !== undefined);
    const body = [{ op: "add", path: "/status/loadBalancer", value: { ingress: [{ ip: "192.0.2.1" }] } }];
    if (kind === "Service") {
      await cluster.makeApiClient(CoreV1Api).patchNamespacedServiceStatus({ name, namespace, body });
    } else {
      await cluster.makeApiClient(NetworkingV1Api).patchNamespacedIngressStatus({ name, namespace, body });
    }
    return undefined;
  };
}

/** Waits for the scenario's pod and says how it ended, where no node runs it. */
export function endsPod(phase: "Failed" | "Succeeded"): OutsideAction {
  return async (cluster, namespace) => {
    let name = "";
    await waitFor("a pod that has not ended", async () => {
      const { items } = await KubernetesObjectApi.makeApiClient(cluster).list("v1", "Pod", namespace);
      const pending = items.find((pod) => at(toJson(pod), "status", "phase") === "Pending");
      name = pending?.metadata?.name ?? "";
      return name !== "";
    });
    const body = [{ op: "add", path: "/status/phase", value: phase }];
    await cluster.makeApiClient(CoreV1Api).patchNamespacedPodStatus({ name, namespace, body });
    return undefined;
  };
}

/** Waits until an object is gone. */
export function vanishes(target: Named): OutsideAction {
  return async (cluster, namespace) => {
    await waitFor(`the end of ${target.kind}`, async () => (await found(cluster, target, namespace)) === undefined);
    return undefined;
  };
}

/** Installs a chart as the release `thing` with Helm itself. */
export function installs(chart: string, values: JsonObject): OutsideAction {
  return async (cluster, namespace) => {
    const { binaries } = await ensureTools();
    const folder = mkdtempSync(join(tmpdir(), "vllm-serving-answers-"));
    try {
      const kubeconfig = join(folder, "kubeconfig");
      writeFileSync(kubeconfig, cluster.exportConfig());
      const args = ["install", "thing", chart, "--namespace", namespace, "--kubeconfig", kubeconfig, "--values", "-"];
      await execa(binaries.helm, args, { input: JSON.stringify(values) });
    } finally {
      rmSync(folder, { recursive: true });
    }
    return undefined;
  };
}

async function found(cluster: KubeConfig, target: Named, namespace: string): Promise<Json | undefined> {
  const api = KubernetesObjectApi.makeApiClient(cluster);
  try {
    return toJson(await api.read(reference(target, namespace)));
  } catch (error) {
    if (error instanceof ApiException && error.code === 404) return undefined;
    throw error;
  }
}
