import { rmSync } from "node:fs";
import { ApiException, ApiextensionsV1Api, type KubernetesObject, KubernetesObjectApi } from "@kubernetes/client-node";
import type { SandboxState } from "@vllm-serving/sandbox";
import { z } from "zod";
import { clientsOf, waitFor } from "../cluster";
import { PlatformProgram } from "../platform-program";
import { projectsFolder } from "../pulumi-project";
import { definitionNames, olmDefinitions } from "./definitions";
import { FakeOlm } from "./fake-olm";

const objectSchema = z.looseObject({
  metadata: z.looseObject({
    name: z.string(),
    uid: z.string(),
    labels: z.record(z.string(), z.string()).optional(),
    creationTimestamp: z.coerce.string().optional(),
  }),
  spec: z.looseObject({}).optional(),
  status: z.looseObject({}).optional(),
  data: z.record(z.string(), z.string()).optional(),
});
type Live = z.infer<typeof objectSchema>;

export const v1alpha1 = "operators.coreos.com/v1alpha1";
export const operatorGroups = { apiVersion: "operators.coreos.com/v1", kind: "OperatorGroup" };

/** A sandbox with OLM and its operators, as far as they can be seen, and programs that use it. */
export class FakeOpenShift {
  readonly clients;
  readonly olm;
  private readonly folder = projectsFolder();
  private readonly definitions;

  constructor(private readonly sandbox: SandboxState) {
    this.clients = clientsOf(sandbox);
    this.olm = new FakeOlm(this.clients.kubeConfig);
    this.definitions = this.clients.kubeConfig.makeApiClient(ApiextensionsV1Api);
  }

  async start(): Promise<void> {
    for (const definition of await olmDefinitions()) await this.olm.define(definition);
    this.olm.start();
  }

  async stop(): Promise<void> {
    rmSync(this.folder, { recursive: true });
    await this.olm.stop();
    await this.forget(definitionNames());
  }

  /** Deletes definitions, with all that is in them. */
  async forget(names: string[]): Promise<void> {
    for (const name of names) {
      await this.definitions.deleteCustomResourceDefinition({ name }).catch((error: unknown) => {
        if (!(error instanceof ApiException) || error.code !== 404) throw error;
      });
    }
    await waitFor(`the end of ${names.join(", ")}`, async () => {
      const { items } = await this.definitions.listCustomResourceDefinition();
      return !items.some(({ metadata }) => names.includes(metadata?.name ?? ""));
    });
  }

  readonly programOf = (stack: string): PlatformProgram =>
    new PlatformProgram(this.sandbox, this.folder, "openshift", stack);

  /** `undefined` for what is not there, or whose kind is not there. */
  readonly read = async (apiVersion: string, kind: string, name: string, namespace = ""): Promise<Live | undefined> => {
    const metadata = namespace === "" ? { name } : { name, namespace };
    try {
      const found: KubernetesObject = await this.objects.read({ apiVersion, kind, metadata });
      return objectSchema.parse(JSON.parse(JSON.stringify(found)));
    } catch {
      return undefined;
    }
  };

  readonly names = async (apiVersion: string, kind: string, namespace: string): Promise<string[]> => {
    const { items } = await this.objects.list(apiVersion, kind, namespace);
    return items.map((item) => item.metadata?.name ?? "").sort();
  };

  /** A new one each time: a client remembers which kinds there were, and they come and go here. */
  private get objects(): KubernetesObjectApi {
    return KubernetesObjectApi.makeApiClient(this.clients.kubeConfig);
  }
}
