import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { wakeJob } from "vllm-serving/manifests";
import { renderedBy, renderedConfigurations } from "../support/rendered-configurations";
import { clientsOf, deleteNamespace, waitFor } from "./support/cluster";
import {
  applyForeign,
  type ForeignDefinitions,
  kserveLegacyDefinitions,
  platformDefinitions,
} from "./support/definitions";
import { type AppliedObject, StrictValidation } from "./support/strict-validation";

const sandbox = inject("sandbox");
const { core } = clientsOf(sandbox);

let definitions: ForeignDefinitions;
let remove: () => Promise<void>;
beforeAll(async () => {
  definitions = await platformDefinitions();
  remove = await applyForeign(sandbox, definitions);
});
afterAll(() => remove());

describe.each(renderedConfigurations)("the objects of $name", ({ rendered }) => {
  let validation: StrictValidation;
  beforeAll(async () => {
    validation = await StrictValidation.of(
      sandbox,
      rendered.map(({ object }) => object),
    );
  });
  afterAll(() => validation.end());

  it.each(rendered)("$path is accepted with strict field validation", async ({ object }) => {
    expect(await validation.validate(definitions.renamed(object))).toBe("accepted");
  });

  it("would be refused with a field that does not exist", async () => {
    for (const { object } of rendered) {
      const wrong = { ...definitions.renamed(object), unknownField: true };
      expect(await validation.validate(wrong), object.kind).toMatch(/unknownField: field not declared in schema/);
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
  let validation: StrictValidation;
  beforeAll(async () => {
    const labels = { "pod-security.kubernetes.io/enforce": "restricted" };
    await core.createNamespace({ body: { metadata: { name: namespace, labels } } });
    validation = await StrictValidation.of(sandbox, [job]);
    // Without it no pod is let in.
    await waitFor("the namespace's ServiceAccount", async () => {
      const { items } = await core.listNamespacedServiceAccount({ namespace });
      return items.length > 0;
    });
  });
  afterAll(() => deleteNamespace(core, namespace));

  it("is accepted, and so is its pod where Pod Security is restricted", async () => {
    expect(await validation.validate(job)).toBe("accepted");
    const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "wake", namespace }, ...job.spec.template };
    expect(await validation.validate(pod)).toBe("accepted");
    const privileged: AppliedObject = { ...pod, ...{ spec: { ...pod.spec, securityContext: {} } } };
    expect(await validation.validate(privileged)).toMatch(/violates PodSecurity "restricted/);
  });
});

/** What KServe reads of a model with every setting, on a cluster with KServe 0.15.2. */
const legacyObjects = renderedBy("every setting of a model on KServe 0.15.2")
  .map(({ object }) => object)
  .filter(({ apiVersion }) => apiVersion.startsWith("serving.kserve.io/"));

describe("the definitions of KServe 0.15.2", () => {
  let legacyDefinitions: ForeignDefinitions;
  let remove: () => Promise<void>;
  let validation: StrictValidation;

  beforeAll(async () => {
    legacyDefinitions = await kserveLegacyDefinitions();
    remove = await applyForeign(sandbox, legacyDefinitions);
    validation = await StrictValidation.of(sandbox, legacyObjects);
  });
  afterAll(async () => {
    await validation.end();
    await remove();
  });

  it.each(legacyObjects)("take our $kind, every field of it", async (object) => {
    const legacy = legacyDefinitions.renamed(object);
    expect(legacy.apiVersion).not.toBe(object.apiVersion);
    expect(await validation.validate(legacy)).toBe("accepted");
    const wrong = { ...legacy, unknownField: true };
    expect(await validation.validate(wrong)).toMatch(/unknownField: field not declared in schema/);
  });

  it("are given both kinds, in the words of that release", () => {
    expect(legacyObjects.map(({ kind }) => kind)).toEqual(["ServingRuntime", "InferenceService"]);
    expect(legacyObjects[1]).toHaveProperty(
      ["metadata", "annotations", "serving.kserve.io/deploymentMode"],
      "RawDeployment",
    );
  });
});
