import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { loadConfigurationFile } from "vllm-serving/config";
import { wakeJob } from "vllm-serving/manifests";
import { render } from "../support/configuration";
import { exampleEnvironments, examplesFolder } from "../support/example-environments";
import { renderedConfigurations, renderedForDocuments } from "../support/rendered-configurations";
import { servingConfigurations } from "../support/serving-configurations";
import { clientsOf, waitFor } from "./support/cluster";
import {
  applyForeign,
  definitionsOfDocuments,
  type ForeignDefinitions,
  platformDefinitions,
} from "./support/definitions";
import { type AppliedObject, StrictValidation } from "./support/strict-validation";

const sandbox = inject("sandbox");
const { core } = clientsOf(sandbox);

const ofExamples = exampleEnvironments.map((environment) => ({
  name: environment,
  rendered: render(loadConfigurationFile(join(examplesFolder, environment))),
}));
const isOfDocuments = ({ name }: { name: string }): boolean => name.endsWith("/Pulumi.article.yaml");

const today = [
  ...renderedConfigurations,
  ...ofExamples.filter((example) => !isOfDocuments(example)),
  ...servingConfigurations("today"),
];
const documents = [
  ...renderedForDocuments,
  ...ofExamples.filter(isOfDocuments),
  ...servingConfigurations("the documents"),
];

/** One object of each kind and version. */
function ofEachKind(configurations: typeof today): [kind: string, object: AppliedObject][] {
  const objects = configurations.flatMap(({ rendered }) => rendered.map(({ object }) => object));
  return [...new Map(objects.map((object) => [`${object.kind} of ${object.apiVersion}`, object]))].sort();
}

let platform: ForeignDefinitions;
let remove: () => Promise<void>;
let validation: StrictValidation;
beforeAll(async () => {
  platform = await platformDefinitions();
  remove = await applyForeign(sandbox, platform);
  validation = await StrictValidation.inNamespace(sandbox, "strict");
});
afterAll(async () => {
  await validation.end();
  await remove();
});

describe("the sandbox's KServe, KEDA and Prometheus Operator, and today's definitions of the rest", () => {
  it.each(today)("accept all objects of $name with strict field validation", async ({ rendered }) => {
    expect(await validation.refused(rendered.map(({ object }) => platform.renamed(object)))).toEqual([]);
  });

  it.each(ofEachKind(today))("would refuse a %s with a field that does not exist", async (_, object) => {
    const wrong = { ...platform.renamed(object), unknownField: true };
    expect(await validation.validate(wrong)).toMatch(/unknownField: field not declared in schema/);
  });
});

describe("the definitions of KServe 0.15.2 and KEDA 2.17.2", () => {
  let older: ForeignDefinitions;
  let remove: () => Promise<void>;
  beforeAll(async () => {
    older = await definitionsOfDocuments();
    remove = await applyForeign(sandbox, older);
  });
  afterAll(() => remove());

  it.each(documents)("accept all objects of $name with strict field validation", async ({ rendered }) => {
    const objects = rendered.map(({ object }) => platform.renamed(older.renamed(object)));
    expect(await validation.refused(objects)).toEqual([]);
  });

  const ofThem = /^(serving\.kserve\.io|keda\.sh)\//;
  it.each(ofEachKind(documents).filter(([, { apiVersion }]) => ofThem.test(apiVersion)))(
    "would refuse a %s with a field that does not exist",
    async (_, object) => {
      const renamed = older.renamed(object);
      expect(renamed.apiVersion).not.toBe(object.apiVersion);
      const wrong = { ...renamed, unknownField: true };
      expect(await validation.validate(wrong)).toMatch(/unknownField: field not declared in schema/);
    },
  );

  it("are given InferenceServices in the words of that release", () => {
    const services = documents.flatMap(({ rendered }) =>
      rendered.flatMap(({ object }) => (object.kind === "InferenceService" ? [object] : [])),
    );
    expect(services.length).toBeGreaterThan(0);
    for (const service of services) {
      const mode = ["metadata", "annotations", "serving.kserve.io/deploymentMode"];
      expect(service).toHaveProperty(mode, expect.stringMatching(/^(RawDeployment|Serverless)$/));
    }
  });
});

describe("the Job that wakes a model", () => {
  const namespace = "wake-restricted";
  const job = wakeJob({
    url: "http://keda-add-ons-http-interceptor-proxy.keda:8080",
    host: "llama.example.com",
    servedModelName: "llama",
    timeoutSeconds: 900,
    namespace,
    apiKey: { name: "llama", key: "token" },
  });
  let restricted: StrictValidation;
  beforeAll(async () => {
    const labels = { "pod-security.kubernetes.io/enforce": "restricted" };
    restricted = await StrictValidation.inNamespace(sandbox, namespace, labels);
    // Without it no pod is let in.
    await waitFor("the namespace's ServiceAccount", async () => {
      const { items } = await core.listNamespacedServiceAccount({ namespace });
      return items.length > 0;
    });
  });
  afterAll(() => restricted.end());

  it("is accepted, and so is its pod where Pod Security is restricted", async () => {
    expect(await restricted.validate(job)).toBe("accepted");
    const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "wake", namespace }, ...job.spec.template };
    expect(await restricted.validate(pod)).toBe("accepted");
    const privileged: AppliedObject = { ...pod, ...{ spec: { ...pod.spec, securityContext: {} } } };
    expect(await restricted.validate(privileged)).toMatch(/violates PodSecurity "restricted/);
  });
});
