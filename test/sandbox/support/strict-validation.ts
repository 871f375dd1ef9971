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
 * fields are errors and admission webhooks are asked. All objects that belong to a namespace are asked about in one of its own.
 */
export class StrictValidation {
  private readonly kubeConfig: KubeConfig;
  private readonly resources = new Map<string, Promise<z.infer<typeof resourceList>["resources"]>>();

  private constructor(
    private readonly sandbox: SandboxState,
    private readonly namespace: string,
  ) {
    this.kubeConfig = clientsOf(sandbox).kubeConfig;
  }

  /** @param labels of the namespace, such as those of Pod Security */
  static async inNamespace(sandbox: SandboxState, name: string, labels: Record<string, string> = {}) {
    await clientsOf(sandbox).core.createNamespace({ body: { metadata: { name, labels } } });
    return new StrictValidation(sandbox, name);
  }

  /** @returns those that would be refused, each with the reason */
  async refused(objects: readonly AppliedObject[]): Promise<string[]> {
    const answers = await Promise.all(
      objects.map(async (object) => {
        const answer = await this.validate(object);
        return answer === accepted ? [] : [`${object.kind} ${object.metadata.name}: ${answer}`];
      }),
    );
    return answers.flat();
  }

  /** @returns `accepted`, or why not */
  async validate(given: AppliedObject): Promise<string> {
    const { name } = given.metadata;
    const namespaced = given.metadata.namespace !== undefined;
    const object = namespaced ? { ...given, metadata: { ...given.metadata, namespace: this.namespace } } : given;
    const [group, version] = object.apiVersion.includes("/") ? object.apiVersion.split("/") : ["", object.apiVersion];
    const root = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
    const resource = (await this.resourcesOf(root)).find(
      (listed) => listed.kind === object.kind && !listed.name.includes("/"),
    );
    if (resource === undefined) return `there is no ${object.kind} in ${object.apiVersion}`;
    if (resource.namespaced !== namespaced) return `a ${object.kind} is ${resource.namespaced ? "" : "not "}namespaced`;
    const place = namespaced ? `${root}/namespaces/${this.namespace}` : root;
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

  /** Takes the namespace away. */
  end(): Promise<void> {
    return deleteNamespace(clientsOf(this.sandbox).core, this.namespace);
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
