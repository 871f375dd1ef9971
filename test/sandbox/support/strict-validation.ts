import type { KubeConfig } from "@kubernetes/client-node";
import type { SandboxState } from "@vllm-serving/sandbox";
import { z } from "zod";
import { requestApi } from "../../../packages/sandbox/src/control-plane/api-client";
import { clientsOf, deleteNamespace } from "./cluster";

/** Any object that shall be applied. */
export interface AppliedObject {
  apiVersion: string;
  kind: string;
  metadata: { name?: string; generateName?: string; namespace?: string };
}

const resourceList = z.object({
  resources: z.array(z.object({ name: z.string(), kind: z.string(), namespaced: z.boolean() })),
});
const refusal = z.object({ message: z.string() });
const accepted = "accepted";

/**
 * Asks a sandbox's API server whether it would take objects: server-side apply as a dry run with strict field validation, so unknown
 * fields are errors and admission webhooks are asked. Namespaces that the objects need are there meanwhile.
 */
export class StrictValidation {
  private readonly kubeConfig: KubeConfig;
  private readonly made: string[] = [];
  private readonly resources = new Map<string, Promise<z.infer<typeof resourceList>["resources"]>>();

  private constructor(private readonly sandbox: SandboxState) {
    this.kubeConfig = clientsOf(sandbox).kubeConfig;
  }

  static async of(sandbox: SandboxState, objects: readonly AppliedObject[]): Promise<StrictValidation> {
    const validation = new StrictValidation(sandbox);
    const { core } = clientsOf(sandbox);
    const { items } = await core.listNamespace();
    const there = items.map(({ metadata }) => metadata?.name);
    const needed = new Set(objects.flatMap(({ metadata }) => metadata.namespace ?? []));
    for (const name of [...needed].filter((namespace) => !there.includes(namespace))) {
      await core.createNamespace({ body: { metadata: { name } } });
      validation.made.push(name);
    }
    return validation;
  }

  /** @returns `accepted`, or why not */
  async validate(object: AppliedObject): Promise<string> {
    const { name, namespace } = object.metadata;
    const [group, version] = object.apiVersion.includes("/") ? object.apiVersion.split("/") : ["", object.apiVersion];
    const root = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
    const resource = (await this.resourcesOf(root)).find(
      (listed) => listed.kind === object.kind && !listed.name.includes("/"),
    );
    if (resource === undefined) return `there is no ${object.kind} in ${object.apiVersion}`;
    const place = resource.namespaced ? `${root}/namespaces/${namespace ?? "default"}` : root;
    const query = "dryRun=All&fieldValidation=Strict&fieldManager=strict-validation";
    const { status, body } = await (name === undefined
      ? this.send("POST", `${place}/${resource.name}?${query}`, "application/json", object)
      : this.send(
          "PATCH",
          `${place}/${resource.name}/${name}?${query}&force=true`,
          "application/apply-patch+yaml",
          object,
        ));
    return status < 300 ? accepted : refusal.parse(JSON.parse(body)).message;
  }

  /** Takes away the namespaces that were made for it. */
  async end(): Promise<void> {
    const { core } = clientsOf(this.sandbox);
    await Promise.all(this.made.map((name) => deleteNamespace(core, name)));
  }

  private send(method: "PATCH" | "POST", path: string, type: string, object: object) {
    return requestApi(this.kubeConfig, method, path, { type, body: JSON.stringify(object) });
  }

  private resourcesOf(root: string) {
    const known = this.resources.get(root);
    if (known !== undefined) return known;
    const listed = requestApi(this.kubeConfig, "GET", root).then(({ status, body }) =>
      status === 200 ? resourceList.parse(JSON.parse(body)).resources : [],
    );
    this.resources.set(root, listed);
    return listed;
  }
}
