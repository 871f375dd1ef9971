import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test, vi } from "vitest";
import { ServedModel, type ServedModelArgs } from "../../src";
import type { ServedModelOptions } from "../../src/manifests";
import {
  type LogicalObject,
  type PlatformReference,
  platformReference,
  servedModelManifests,
} from "../../src/manifests";
import { kubernetes, llama, openShift } from "./fixtures";
import { messageOf, outputValue, record, resource, secretValue, unknownOutput, unknownValue } from "./recorded-program";

const onOpenShift: ServedModelOptions = { ...llama, prometheusAuthentication: "boundServiceAccountToken" };

const nfs = { server: "nfs.example.com", path: "/exports" };
const revised = { repository: "org/llama", revision: "0e9e39f249a16976918f6564b8830bc894c89659" };
const download = { ...revised, tokenSecret: { name: "hub", key: "token" } };
const withHttpAddOn: PlatformReference = platformReference({
  distribution: "kubernetes",
  prometheus: { url: "http://prometheus-operated.monitoring.svc:9090" },
  kedaHttpAddon: { mode: "existing", namespace: "http" },
});

const { slo: _slo, capacity: _capacity, ...withoutObjective } = llama;

/** Variants that differ in which objects there are. */
const withKnative: PlatformReference = { ...kubernetes, modes: { ...kubernetes.modes, knative: "existing" } };

const variants: Record<string, { options: ServedModelOptions; platform: PlatformReference; objects: number }> = {
  standard: { options: llama, platform: kubernetes, objects: 7 },
  "a Deployment of our own": { options: { ...llama, backend: "deployment" }, platform: kubernetes, objects: 6 },
  "KServe before it renamed its modes": {
    options: llama,
    platform: { ...kubernetes, kserveVersion: "0.15.2" },
    objects: 7,
  },
  "with its namespace": { options: { ...llama, createNamespace: true }, platform: kubernetes, objects: 8 },
  "an existing claim": {
    options: { ...llama, weights: { existingClaim: "weights", subPath: "llama" } },
    platform: kubernetes,
    objects: 5,
  },
  "weights that are downloaded": {
    options: { ...llama, weights: { nfs: { ...nfs, driver: "csi", download }, subPath: "chat" } },
    platform: kubernetes,
    objects: 10,
  },
  "a ModelCar": {
    options: { ...llama, weights: { modelImage: { reference: "quay.io/models/llama:1" } } },
    platform: kubernetes,
    objects: 5,
  },
  "a ModelCar in a Deployment of our own": {
    options: { ...llama, weights: { modelImage: { reference: "quay.io/models/llama:1" } }, backend: "deployment" },
    platform: kubernetes,
    objects: 4,
  },
  "a bucket by a storage key": {
    options: { ...llama, weights: { s3: { uri: "s3://models/llama", storageKey: "minio" } } },
    platform: kubernetes,
    objects: 5,
  },
  "Hugging Face": {
    options: { ...llama, weights: { huggingFace: { ...revised, serviceAccountName: "hub" } } },
    platform: kubernetes,
    objects: 5,
  },
  "a dashboard connection": {
    options: { ...onOpenShift, weights: { connection: { name: "models", type: "s3", path: "llama" } } },
    platform: openShift,
    objects: 11,
  },
  "a copy on the nodes": {
    options: { ...llama, weights: { localModel: { sourceUri: "hf://org/llama", nodeGroups: ["l4"] }, size: "20Gi" } },
    platform: kubernetes,
    objects: 6,
  },
  "an image on the nodes and a shared compile cache": {
    options: { ...llama, prePullImage: true, compileCacheClaim: "compilations" },
    platform: kubernetes,
    objects: 8,
  },
  "without PodMonitor": { options: { ...llama, podMonitor: false }, platform: kubernetes, objects: 6 },
  "without a replica while nobody asks": {
    options: {
      ...llama,
      replicas: { max: 3 },
      scaling: { http: { hosts: ["llama.example.com"], cooldownSeconds: 60 } },
    },
    platform: withHttpAddOn,
    objects: 9,
  },
  "the same with an add-on before 0.14": {
    options: { ...llama, replicas: { max: 3 }, scaling: { http: { kind: "HTTPScaledObject" } } },
    platform: { ...withHttpAddOn, kedaHttpAddonVersion: "0.13.0" },
    objects: 9,
  },
  "by Knative": {
    options: {
      ...llama,
      replicas: { min: 0, max: 2 },
      scaling: { knative: { containerConcurrency: 20, scaleDownDelaySeconds: 600, podRetentionSeconds: 60 } },
    },
    platform: withKnative,
    objects: 5,
  },
  "by Knative on CPU, before KServe renamed its modes": {
    options: { ...withoutObjective, scaling: { knative: { metric: "cpu", target: 70 } } },
    platform: { ...withKnative, kserveVersion: "0.15.2" },
    objects: 5,
  },
  "by KServe's ScaledObject": {
    options: { ...llama, scaling: { kserveKeda: {} } },
    platform: kubernetes,
    objects: 6,
  },
  "by KServe's ScaledObject, with a token": {
    options: { ...llama, prometheusAuthentication: "boundServiceAccountToken", scaling: { kserveKeda: {} } },
    platform: { ...openShift, distribution: "kubernetes" },
    objects: 12,
  },
  "by KServe's ScaledObject on OpenShift AI": {
    options: {
      ...withoutObjective,
      prometheusAuthentication: "boundServiceAccountToken",
      prometheusTriggerAuthentication: "inference-prometheus-auth",
      scaling: { kserveKeda: { triggers: [{ query: "sum(vllm:num_requests_waiting)", threshold: 2 }] } },
    },
    platform: openShift,
    objects: 6,
  },
  "by KServe's HorizontalPodAutoscaler": {
    options: { ...withoutObjective, scaling: { hpa: { metric: "cpu", targetPercent: 70 } } },
    platform: kubernetes,
    objects: 6,
  },
  "by a HorizontalPodAutoscaler of our own": {
    options: { ...withoutObjective, backend: "deployment", scaling: { hpa: { metric: "memory", targetPercent: 80 } } },
    platform: kubernetes,
    objects: 6,
  },
  "by an Ingress, with everything the cluster is told beside the pods": {
    options: {
      ...llama,
      apiKey: { name: "llama-key", key: "token" },
      expose: { host: "llama.example.com", ingress: { className: "nginx" } },
      serviceMonitor: true,
      maxDisrupted: 1,
      maxSurge: 1,
      imagePullSecrets: ["pull"],
      priorityClassName: "serving",
      dashboard: { displayName: "Llama" },
    },
    platform: kubernetes,
    objects: 9,
  },
  "behind a transformer with replicas of its own": {
    options: { ...llama, transformer: { image: "registry.example.com/tokens:1", replicas: { min: 2, max: 3 } } },
    platform: kubernetes,
    objects: 8,
  },
  "by a Gateway, from zero": {
    options: {
      ...llama,
      replicas: { max: 3 },
      scaling: { http: {} },
      expose: { host: "llama.example.com", gateway: { name: "public" }, unauthenticated: true },
    },
    platform: withHttpAddOn,
    objects: 11,
  },
  "by a Route, from zero": {
    options: {
      ...onOpenShift,
      replicas: { max: 3 },
      scaling: { http: {} },
      expose: { host: "llama.example.com", route: {}, unauthenticated: true },
    },
    platform: { ...withHttpAddOn, ...openShift, modes: withHttpAddOn.modes },
    objects: 16,
  },
  "by OpenShift AI, with a token": {
    options: { ...onOpenShift, expose: { kserve: { tokenAuthentication: true } } },
    platform: openShift,
    objects: 13,
  },
  "by a runtime that is there, on CPUs": {
    options: {
      ...withoutObjective,
      gpus: 0,
      runtime: { name: "kserve-huggingfaceserver", modelFormat: "huggingface" },
      scaling: { knative: { target: 1 } },
      serviceMonitor: false,
    },
    platform: withKnative,
    objects: 3,
  },
  "with an alert at the maximum": {
    options: { ...llama, saturationAlert: { severity: "critical", labels: { release: "monitoring" } } },
    platform: kubernetes,
    objects: 8,
  },
  "woken elsewhere": {
    options: { ...llama, replicas: { min: 0, max: 3 }, scaling: { scaledObject: { wokenElsewhere: true } } },
    platform: kubernetes,
    objects: 7,
  },
  "on OpenShift": { options: onOpenShift, platform: openShift, objects: 13 },
  "all arguments": {
    options: {
      ...onOpenShift,
      createNamespace: true,
      servedModelName: "meta-llama/Llama-3.1-8B-Instruct",
      image: "registry.example.com/vllm:1",
      vllmVersion: "0.20.0",
      maxModelLen: 16384,
      maxNumSeqs: 64,
      extraArgs: ["--enable-prefix-caching"],
      apiKey: { name: "llama-key", key: "token" },
      startup: { imagePullSeconds: 0, loadSeconds: 4, compileSeconds: 2 },
      longestGenerationSeconds: 20,
      resources: { requests: { cpu: "2" }, limits: { memory: "24Gi" } },
      tolerations: [{ operator: "Exists" }],
      runAsUser: 2000,
      podMonitorLabels: { release: "prometheus" },
      scrapeIntervalSeconds: 5,
      extraTriggers: [
        { type: "cron", metadata: { timezone: "UTC", start: "0 8 * * *", end: "0 18 * * *", desiredReplicas: "3" } },
      ],
    },
    platform: openShift,
    objects: 14,
  },
};

function rendered(options: ServedModelOptions, platform: PlatformReference): LogicalObject[] {
  const result = servedModelManifests("llama", options, platform);
  if (!result.ok) {
    throw new Error(JSON.stringify(result.problems));
  }
  return result.objects;
}

/** Kind and name inside the program: what both sides know an object by. */
function key(kind: string, logicalName: string): string {
  return `${kind} ${logicalName}`;
}

describe.each(Object.entries(variants))("%s", (_, { options, platform, objects }) => {
  test("creates exactly the rendered objects", async () => {
    const { resources, errors } = await record(() => new ServedModel("llama", { ...options, platform }));
    const created = [...resources.values()].filter(({ type }) => type.startsWith("kubernetes:"));
    expect(errors).toEqual([]);
    expect(created).toHaveLength(objects);
    expect(
      Object.fromEntries(created.map(({ type, name, inputs }) => [key(type.split(":").at(-1) ?? "", name), inputs])),
    ).toEqual(
      Object.fromEntries(
        rendered(options, platform).map(({ logicalName, object }) => [key(object.kind, logicalName), object]),
      ),
    );
  });

  test("creates the same from a platform of another stack", async () => {
    const plain = await record(() => new ServedModel("llama", { ...options, platform }));
    const output = await record(() => new ServedModel("llama", { ...options, platform: pulumi.output(platform) }));
    expect(output.errors).toEqual([]);
    expect(inputsOf(output.resources)).toEqual(inputsOf(plain.resources));
  });
});

function inputsOf(resources: Map<string, { inputs: unknown }>) {
  return Object.fromEntries([...resources].map(([urn, { inputs }]) => [urn, inputs]));
}

describe("wiring", () => {
  const urns = {
    model: "vllm-serving:index:ServedModel::llama",
    weights: "vllm-serving:index:ServedModel$vllm-serving:index:ModelWeights::llama",
    server: "vllm-serving:index:ServedModel$vllm-serving:index:VllmServer::llama",
    autoscaler: "vllm-serving:index:ServedModel$vllm-serving:index:SloAutoscaler::llama",
    namespace: "vllm-serving:index:ServedModel$kubernetes:core/v1:Namespace::llama-namespace",
    volume: "vllm-serving:index:ModelWeights$kubernetes:core/v1:PersistentVolume::llama-weights",
    claim: "vllm-serving:index:ModelWeights$kubernetes:core/v1:PersistentVolumeClaim::llama-weights",
    runtime: "vllm-serving:index:VllmServer$kubernetes:serving.kserve.io/v1alpha1:ServingRuntime::llama",
    inferenceService: "vllm-serving:index:VllmServer$kubernetes:serving.kserve.io/v1beta1:InferenceService::llama",
    service: "vllm-serving:index:VllmServer$kubernetes:core/v1:Service::llama",
    podMonitor: "vllm-serving:index:VllmServer$kubernetes:monitoring.coreos.com/v1:PodMonitor::llama",
    serviceAccount: "vllm-serving:index:SloAutoscaler$kubernetes:core/v1:ServiceAccount::llama-prometheus",
    readerRole:
      "vllm-serving:index:SloAutoscaler$kubernetes:rbac.authorization.k8s.io/v1:Role::llama-prometheus-reader",
    readerBinding:
      "vllm-serving:index:SloAutoscaler$kubernetes:rbac.authorization.k8s.io/v1:RoleBinding::llama-prometheus-reader",
    tokenRole: "vllm-serving:index:SloAutoscaler$kubernetes:rbac.authorization.k8s.io/v1:Role::llama-prometheus-token",
    tokenBinding:
      "vllm-serving:index:SloAutoscaler$kubernetes:rbac.authorization.k8s.io/v1:RoleBinding::llama-prometheus-token",
    triggerAuthentication:
      "vllm-serving:index:SloAutoscaler$kubernetes:keda.sh/v1alpha1:TriggerAuthentication::llama-prometheus",
    scaledObject: "vllm-serving:index:SloAutoscaler$kubernetes:keda.sh/v1alpha1:ScaledObject::llama",
  };
  const full = (opts?: pulumi.ComponentResourceOptions) =>
    new ServedModel("llama", { ...onOpenShift, createNamespace: true, platform: openShift }, opts);

  test("every child has the right parent", async () => {
    const { resources } = await record(() => full());
    expect(Object.fromEntries([...resources.values()].map(({ urn, parent }) => [urn, parent]))).toEqual({
      [urns.model]: "",
      [urns.namespace]: urns.model,
      [urns.weights]: urns.model,
      [urns.server]: urns.model,
      [urns.autoscaler]: urns.model,
      [urns.volume]: urns.weights,
      [urns.claim]: urns.weights,
      [urns.runtime]: urns.server,
      [urns.inferenceService]: urns.server,
      [urns.service]: urns.server,
      [urns.podMonitor]: urns.server,
      [urns.serviceAccount]: urns.autoscaler,
      [urns.readerRole]: urns.autoscaler,
      [urns.readerBinding]: urns.autoscaler,
      [urns.tokenRole]: urns.autoscaler,
      [urns.tokenBinding]: urns.autoscaler,
      [urns.triggerAuthentication]: urns.autoscaler,
      [urns.scaledObject]: urns.autoscaler,
    });
  });

  test("the route is there before its trigger, and clients are led to what holds their requests", async () => {
    const scaling = { http: {} };
    const program = await record(
      () => new ServedModel("llama", { ...llama, replicas: { max: 3 }, scaling, platform: withHttpAddOn }),
    );
    const route = "vllm-serving:index:ServedModel$kubernetes:http.keda.sh/v1beta1:InterceptorRoute::llama";
    const wake = "vllm-serving:index:ServedModel$kubernetes:core/v1:Service::llama-wake";
    for (const urn of [route, wake]) {
      expect(resource(program, urn)).toMatchObject({ parent: urns.model, deleteBeforeReplace: true });
      expect(resource(program, urn).dependencies).toContain(urns.service);
      expect(resource(program, urns.scaledObject).dependencies).toContain(urn);
    }
    expect(await outputValue(program.result.url)).toBe("http://llama-wake.models.svc:8080");
    expect(await outputValue(program.result.externalUrl)).toBe("");
  });

  test("clients outside of the cluster are told where it is exposed, beside the address inside", async () => {
    const expose = { host: "llama.example.com", ingress: {}, unauthenticated: true };
    const { result } = await record(() => new ServedModel("llama", { ...llama, expose, platform: kubernetes }));
    expect(await outputValue(result.externalUrl)).toBe("https://llama.example.com");
    expect(await outputValue(result.url)).toBe("http://llama.models.svc:8000");
  });

  test("the ScaledObject goes before an InferenceService that is made anew", async () => {
    const { propertyDependencies } = resource(await record(() => full()), urns.scaledObject);
    expect(propertyDependencies.metadata).toEqual([urns.inferenceService]);
  });

  test("every child waits for what it needs", async () => {
    const program = await record(() => full());
    const dependencies = (urn: string) => resource(program, urn).dependencies;
    const { namespace, runtime, inferenceService, service, podMonitor } = urns;
    const served = [namespace, runtime, inferenceService, service, podMonitor];
    expect(dependencies(namespace)).toEqual([]);
    expect(dependencies(urns.volume)).toEqual([namespace]);
    expect(dependencies(urns.claim)).toEqual([urns.volume, namespace].sort());
    expect(dependencies(runtime)).toEqual([urns.claim, namespace].sort());
    expect(dependencies(inferenceService)).toEqual([runtime, urns.claim, namespace].sort());
    expect(dependencies(service)).toEqual([inferenceService, namespace].sort());
    expect(dependencies(podMonitor)).toEqual([namespace]);
    expect(dependencies(urns.serviceAccount)).toEqual([...served].sort());
    expect(dependencies(urns.readerBinding)).toEqual([...served, urns.serviceAccount, urns.readerRole].sort());
    expect(dependencies(urns.tokenBinding)).toEqual([...served, urns.serviceAccount, urns.tokenRole].sort());
    expect(dependencies(urns.triggerAuthentication)).toEqual([...served, urns.readerBinding, urns.tokenBinding].sort());
    expect(dependencies(urns.scaledObject)).toEqual([...served, urns.triggerAuthentication].sort());
  });

  test("nothing is served before its download has completed, in the time that it may take", async () => {
    const weights = { nfs: { ...nfs, download }, modelGigabytes: 16 };
    const program = await record(() => new ServedModel("llama", { ...llama, weights, platform: kubernetes }));
    const job = "vllm-serving:index:ModelWeights$kubernetes:batch/v1:Job::llama-download";
    const claim = "vllm-serving:index:ModelWeights$kubernetes:core/v1:PersistentVolumeClaim::llama-download";
    const volume = "vllm-serving:index:ModelWeights$kubernetes:core/v1:PersistentVolume::llama-download";
    const { resources, errors } = program;
    expect(errors).toEqual([]);
    expect(resource(program, claim).dependencies).toEqual([volume]);
    expect(resource(program, job)).toMatchObject({
      dependencies: [claim],
      // Its name is by content: another revision is another Job beside it.
      deleteBeforeReplace: false,
      timeouts: { create: "1200s", update: "1200s" },
    });
    expect(resource(program, job).inputs).toHaveProperty("spec.activeDeadlineSeconds", 1080);
    const waiting = [...resources.values()].filter(({ dependencies }) => dependencies.includes(job));
    expect(waiting.map(({ urn }) => urn).sort()).toEqual(
      [urns.server, urns.runtime, urns.inferenceService, urns.service, urns.podMonitor].sort(),
    );
    expect(resource(program, urns.scaledObject).dependencies).toContain(urns.inferenceService);
  });

  test("a new replica's node has the image before a rollout begins", async () => {
    const program = await record(
      () => new ServedModel("llama", { ...llama, prePullImage: true, platform: kubernetes }),
    );
    const image = "vllm-serving:index:VllmServer$kubernetes:apps/v1:DaemonSet::llama-image";
    expect(resource(program, urns.inferenceService).dependencies).toContain(image);
    expect(resource(program, urns.runtime).dependencies).not.toContain(image);
  });

  test("an InferenceService comes after the cache of its weights, without which KServe would fetch them for each pod", async () => {
    const weights = { localModel: { sourceUri: "hf://org/llama", nodeGroups: ["l4"] } };
    const program = await record(() => new ServedModel("llama", { ...llama, weights, platform: kubernetes }));
    expect(resource(program, urns.inferenceService).dependencies).toContain(
      "vllm-serving:index:ServedModel$kubernetes:serving.kserve.io/v1alpha1:LocalModelCache::llama-local-model",
    );
  });

  test("a model that depends on something hands that on to every object", async () => {
    const program = await record(() => {
      const quota = new k8s.core.v1.ResourceQuota("quota");
      return full({ dependsOn: quota });
    });
    const objects = [...program.resources.values()].filter(
      ({ type }) => type.startsWith("kubernetes:") && type !== "kubernetes:core/v1:ResourceQuota",
    );
    expect(objects).toHaveLength(14);
    expect(
      objects.filter(({ dependencies }) => !dependencies.includes("kubernetes:core/v1:ResourceQuota::quota")),
    ).toEqual([]);
  });

  test.each(["provider", "providers"])(
    "every object is made through the cluster's provider, given as %s",
    async (option) => {
      const program = await record(() => {
        const provider = new k8s.Provider("cluster", { kubeconfig: "{}" });
        return full(option === "provider" ? { provider } : { providers: [provider] });
      });
      const objects = [...program.resources.values()].filter(({ type }) => type.startsWith("kubernetes:"));
      expect(objects).toHaveLength(14);
      expect(new Set(objects.map(({ provider }) => provider))).toEqual(new Set(["cluster"]));
    },
  );

  test("replicas are left to the autoscaler, and a start-up has the time it declared", async () => {
    const program = await record(() => full());
    const { inputs, timeouts } = resource(program, urns.inferenceService);
    expect(timeouts).toEqual({ create: "700s", update: "700s", delete: "745s" });
    expect(inputs).not.toHaveProperty("spec.predictor.minReplicas");
    expect(inputs).not.toHaveProperty("spec.predictor.maxReplicas");
  });

  test("the same with a Deployment of our own", async () => {
    const program = await record(
      () => new ServedModel("llama", { ...llama, backend: "deployment", platform: kubernetes }),
    );
    const deployment = resource(program, "vllm-serving:index:VllmServer$kubernetes:apps/v1:Deployment::llama");
    expect(deployment).toMatchObject({
      ignoreChanges: ["spec.replicas"],
      timeouts: { create: "700s", update: "2h", delete: "745s" },
    });
    expect(deployment.inputs).not.toHaveProperty("spec.replicas");
  });

  test("objects with a fixed name are deleted before they are replaced; weights and runtime have names by content", async () => {
    const { resources } = await record(() => full());
    const before = [...resources.values()].filter(({ deleteBeforeReplace }) => deleteBeforeReplace);
    expect(before.map(({ urn }) => urn).sort()).toEqual(
      [
        urns.inferenceService,
        urns.service,
        urns.podMonitor,
        urns.serviceAccount,
        urns.readerRole,
        urns.readerBinding,
        urns.tokenRole,
        urns.tokenBinding,
        urns.triggerAuthentication,
        urns.scaledObject,
      ].sort(),
    );
  });

  test("components store no arguments, which could hold secrets", async () => {
    const program = await record(() => full());
    for (const urn of [urns.model, urns.weights, urns.server, urns.autoscaler]) {
      expect(resource(program, urn).inputs).toEqual({});
    }
  });

  test("outputs", async () => {
    const { result: model } = await record(() => full());
    expect(await outputValue(model.url)).toBe("http://llama.models.svc:8000");
    expect(await outputValue(model.servedModelName)).toBe("llama");
    expect(await outputValue(model.deploymentName)).toBe("llama-predictor");
    expect(await outputValue(model.scaledObjectName)).toBe("llama");
    const explanation = await outputValue(model.explanation);
    const maximum = explanation.filter((line) => line.startsWith("spec.maxReplicaCount = 7: "));
    expect(maximum).toHaveLength(1);
  });

  test.each([
    [
      "Knative",
      { ...llama, scaling: { knative: {} } },
      withKnative,
      "spec.predictor.containerConcurrency = 16: floor(16): what a replica carries",
    ],
    [
      "a HorizontalPodAutoscaler of our own",
      { ...withoutObjective, backend: "deployment", scaling: { hpa: { metric: "cpu", targetPercent: 70 } } },
      kubernetes,
      "spec.metrics[0].resource.target.averageUtilization = 70: As given, in percent of the cpu",
    ],
  ] as const)("the reasons with %s", async (_what, options, platform, line) => {
    const { result: model } = await record(() => new ServedModel("llama", { ...options, platform }));
    const explanation = await outputValue(model.explanation);
    expect(explanation.filter((each) => each.startsWith(line))).toHaveLength(1);
  });
});

describe("wrong arguments", () => {
  const wrong: ServedModelOptions = {
    namespace: "My Models",
    weights: { nfs: { server: "", path: "exports" }, existingClaim: "weights" },
    slo: {},
    replicas: { min: 3, max: 2 },
    capacity: { profile: "llama-70b", promptTokens: 1000 },
    gpus: 1.5,
    vllmVersion: "latest",
    startup: { loadSeconds: -1 },
  };

  test("all at once, before anything is registered", async () => {
    let thrown: unknown;
    const { resources } = await record(() => {
      try {
        new ServedModel("Llama", { ...wrong, platform: kubernetes });
      } catch (error) {
        thrown = error;
      }
    });
    expect(resources.size).toBe(0);
    expect(pulumi.RunError.isInstance(thrown)).toBe(true);
    expect(messageOf(thrown)).toMatchInlineSnapshot(`
      "ServedModel "Llama" has 12 problems in its arguments:
        name: is "Llama", but Kubernetes objects are named after it: use lower-case letters, digits and dashes, begin with a letter and end with a letter or digit.
        namespace: is "My Models", which is no namespace's name: use at most 63 lower-case letters, digits and dashes, beginning and ending with a letter or digit.
        weights: must say where the weights are, by exactly one of nfs, existingClaim, modelImage, huggingFace, s3, connection, localModel; there is nfs and existingClaim.
        weights.nfs.server: is empty; give the host name or address of the NFS server.
        weights.nfs.path: is "exports"; the path of an export begins with a slash.
        vllmVersion: is "latest"; write a release as major.minor.patch, e.g. 0.30.0.
        gpus: is 1.5; it must be a whole number of at least 0.
        startup.loadSeconds: is -1; it must be at least 0 seconds.
        capacity.profile: is "llama-70b", which is not shipped. Take one of llama-3.1-8b-l4, llama-3.2-3b-l4, llama-3.2-3b-a10g, granite-3.3-8b-l4, granite-3.3-8b-l40s, llama-3.1-8b-a10g, llama-3.1-8b-l40s, llama-3.1-8b-a100-80gb, llama-3.1-8b-h100, llama-3.1-70b-a100-80gb-tp4, llama-3.1-70b-a100-80gb-tp8, llama-3.1-70b-h100-tp4, llama-3.1-70b-h100-tp8, or give capacity.concurrencyPerReplica as measured.
        capacity.outputTokens: is missing; the load has a mean prompt and a mean output length.
        slo: No latency is bounded. Give at least one of itl, tpot, ttft, e2e, queueTime.
        replicas.max: 2 is below replicas.min, 3: it must be at least as large."
    `);
  });

  test("the same with a platform that is not known yet", async () => {
    const args: ServedModelArgs = { ...wrong, platform: pulumi.output(kubernetes) };
    const both = [kubernetes, pulumi.output(kubernetes)].map((platform) => {
      try {
        new ServedModel("Llama", { ...args, platform });
        return "";
      } catch (error) {
        return messageOf(error);
      }
    });
    expect(both[1]).toBe(both[0]);
  });

  test("what only the platform shows ends the program, without pods, ScaledObject and stack", async () => {
    const platform = {
      ...kubernetes,
      prometheusAuthentication: "boundServiceAccountToken",
      gpuProducts: ["NVIDIA-A100"],
    };
    const { resources, errors } = await record(
      () => new ServedModel("llama", { ...llama, platform: pulumi.output(platform) }),
    );
    const message = `ServedModel "llama" has 2 problems in its arguments:
  gpuProduct: is "NVIDIA-L4", but the platform's nodes have NVIDIA-A100. Take one of these, or add it to the platform's gpus.products.
  prometheusAuthentication: is "none", but the platform's Prometheus wants "boundServiceAccountToken". It decides which objects are made, so write it here as well.`;
    expect(errors.length).toBeGreaterThan(0);
    for (const error of errors) {
      expect(pulumi.RunError.isInstance(error)).toBe(true);
      // The SDK may say first where the rejected value was, newer releases more deeply.
      expect(messageOf(error).replace(/^(error serializing property "\w+": )+/, "")).toBe(message);
      expect(error).toHaveProperty("stack", `RunError: ${message}`);
    }
    expect([...resources.keys()].filter((urn) => /ScaledObject|InferenceService/.test(urn))).toEqual([]);
  });

  test("a secret in them is not repeated", () => {
    const platform = { ...kubernetes, prometheusUrl: "http://user:s3cret@prometheus:9090" };
    let message = "";
    try {
      new ServedModel("llama", { ...llama, platform });
    } catch (error) {
      message = messageOf(error);
    }
    expect(message).toContain("platform.prometheusUrl");
    expect(message).not.toContain("s3cret");
  });
});

describe("preview", () => {
  const scaledObject = "vllm-serving:index:SloAutoscaler$kubernetes:keda.sh/v1alpha1:ScaledObject::llama";
  const inferenceService = "vllm-serving:index:VllmServer$kubernetes:serving.kserve.io/v1beta1:InferenceService::llama";

  test("with a platform that is not there yet, everything is shown but the policy, KServe's spelling, and whether it makes a PodMonitor", async () => {
    const known = await record(() => new ServedModel("llama", { ...llama, platform: kubernetes }));
    const program = await record(
      () => new ServedModel("llama", { ...llama, platform: unknownOutput<PlatformReference>() }),
      {
        preview: true,
      },
    );
    expect(program.errors).toEqual([]);
    const [monitor, ...others] = [...known.resources.keys()].filter((urn) => !program.resources.has(urn));
    expect(monitor).toBe("vllm-serving:index:VllmServer$kubernetes:monitoring.coreos.com/v1:PodMonitor::llama");
    expect(others).toEqual([]);
    expect([...program.resources.keys()].filter((urn) => !known.resources.has(urn))).toEqual([]);
    for (const [urn, { inputs }] of known.resources) {
      if (urn === monitor) continue;
      const shown = resource(program, urn).inputs;
      if (urn === scaledObject) {
        expect(shown).toEqual({ ...inputs, spec: unknownValue });
      } else if (urn === inferenceService) {
        const annotations = {
          "serving.kserve.io/deploymentMode": unknownValue,
          "serving.kserve.io/autoscalerClass": "external",
          "pulumi.com/waitFor": unknownValue,
        };
        expect(shown).toEqual({ ...inputs, metadata: expect.objectContaining({ name: "llama", annotations }) });
      } else {
        expect(shown).toEqual(inputs);
      }
    }
  });

  test("with an NFS server that is not there yet, only what is named after it is unknown", async () => {
    const nfs = { server: unknownOutput<string>(), path: "/exports/llama" };
    const program = await record(() => new ServedModel("llama", { ...llama, weights: { nfs }, platform: kubernetes }), {
      preview: true,
    });
    expect(program.errors).toEqual([]);
    const runtime = "vllm-serving:index:VllmServer$kubernetes:serving.kserve.io/v1alpha1:ServingRuntime::llama";
    const { inputs } = resource(program, runtime);
    expect(inputs).toHaveProperty("metadata.name", unknownValue);
    expect(inputs).toHaveProperty("spec.volumes[0].persistentVolumeClaim.claimName", unknownValue);
    expect(inputs).toHaveProperty("spec.containers[0].image", "vllm/vllm-openai:v0.30.0");
    expect(resource(program, inferenceService).inputs).toHaveProperty("metadata.name", "llama");
    expect(resource(program, inferenceService).inputs).toHaveProperty("spec.predictor.model.runtime", unknownValue);
    expect(resource(program, scaledObject).inputs).toHaveProperty("spec.maxReplicaCount", 7);
  });
});

describe("secrets", () => {
  test("stay secret wherever they go", async () => {
    const nfs = { server: pulumi.secret("nfs.example.com"), path: "/exports/llama" };
    const platform = pulumi.secret({ ...kubernetes, prometheusUrl: "http://s3cret.example.com" });
    const program = await record(() => new ServedModel("llama", { ...llama, weights: { nfs }, platform }));
    const volume = resource(
      program,
      "vllm-serving:index:ModelWeights$kubernetes:core/v1:PersistentVolume::llama-weights",
    );
    expect(volume.inputs).toHaveProperty("spec.nfs.server", secretValue("nfs.example.com"));
    const { inputs } = resource(
      program,
      "vllm-serving:index:SloAutoscaler$kubernetes:keda.sh/v1alpha1:ScaledObject::llama",
    );
    expect(inputs.spec).toMatchObject(secretValue({ maxReplicaCount: 7 }));
  });
});

test("warnings of the weights are shown under the model", async () => {
  const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue(undefined);
  const weights = { nfs, bandwidthMegabytesPerSecond: 600 };
  const startup = { loadSeconds: 60 };
  const { result } = await record(() => new ServedModel("llama", { ...llama, weights, startup, platform: kubernetes }));
  expect(warn.mock.calls).toEqual([
    [expect.stringMatching(/^Up to 6 replicas may start together .* 161 s, but startup\.loadSeconds is 60\./), result],
  ]);
  warn.mockRestore();
});

test("what the figures of the profile do not know, and a rate above them, are shown under the model", async () => {
  const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue(undefined);
  const capacity = { profile: "llama-3.1-8b-l4", promptTokens: 3072, outputTokens: 1200 };
  const scaling = { knative: { metric: "rps", target: 3 } } as const;
  const options = { ...llama, capacity, scaling, extraArgs: ["--kv-cache-dtype=fp8"], platform: withKnative };
  const { result } = await record(() => new ServedModel("llama", options));
  expect(warn.mock.calls).toEqual([
    [expect.stringContaining("the figures of profile llama-3.1-8b-l4 are without --kv-cache-dtype"), result],
    [expect.stringMatching(/^scaling\.knative\.target: is 3, .* carries 0\.07 within slo/), result],
  ]);
  warn.mockRestore();
});

test("warnings of the compiler are shown under the autoscaler", async () => {
  const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue(undefined);
  const { result } = await record(
    () => new ServedModel("llama", { ...llama, replicas: { min: 2, max: 2 }, platform: kubernetes }),
  );
  expect(result).toBeInstanceOf(ServedModel);
  expect(warn.mock.calls.map(([message]) => message)).toEqual([
    "replicas.min and replicas.max are both 2: nothing will be scaled.",
  ]);
  warn.mockRestore();
});

test("what Red Hat does not fully support is said under the model that uses it", async () => {
  const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue(undefined);
  const { scaling: _, ...model } = { ...onOpenShift, ...withoutObjective, slo: undefined, capacity: undefined };
  const options = {
    ...model,
    platform: { ...openShift, kserveVersion: "0.17.0" },
    prometheusTriggerAuthentication: "inference-prometheus-auth",
    scaling: { kserveKeda: { triggers: [{ query: "sum(vllm:num_requests_waiting)", threshold: 2 }] } },
  };
  const { result } = await record(() => new ServedModel("llama", options));
  expect(warn.mock.calls).toEqual([
    [expect.stringMatching(/^KServe's class keda is .* a Technology Preview: not for production/), result],
  ]);
  warn.mockRestore();
});
