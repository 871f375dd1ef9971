import type { JsonObject } from "../../../../../packages/sandbox/src/provider/json";
import type { Scenario } from "../scenario";
import { creates, deletes, looksAt, patches, reports, waitsFor } from "./cluster";
import { inNamespace, object, scaledObject, secret, widget } from "./objects";

const type = "answers.test/v1:Widget";
const target = { apiVersion: "answers.test/v1", kind: "Widget" };

/** Custom resources, and how they are awaited. */
export const customResourceScenarios: Scenario[] = [
  {
    name: "scaled-object",
    type: "keda.sh/v1alpha1:ScaledObject",
    steps: [
      { do: "up", program: scaledObject(inNamespace("scaled-object"), { minReplicaCount: 1 }) },
      { do: "up", program: scaledObject(inNamespace("scaled-object"), { minReplicaCount: 1 }) },
      {
        do: "outside",
        what: "reconciled",
        act: waitsFor(
          { apiVersion: "keda.sh/v1alpha1", kind: "ScaledObject" },
          ["metadata", "finalizers"],
          "finalizer.keda.sh",
        ),
      },
      { do: "refresh" },
      { do: "up", program: scaledObject(inNamespace("scaled-object"), { maxReplicaCount: 5 }) },
      { do: "preview", program: scaledObject(inNamespace("scaled-object"), { maxReplicas: 5 }) },
      { do: "destroy", timeoutSeconds: 60 },
    ],
  },
  {
    name: "scaled-object-misspelt",
    type: "keda.sh/v1alpha1:ScaledObject",
    steps: [{ do: "up", program: scaledObject(inNamespace("scaled-object-misspelt"), { maxReplicas: 5 }) }],
  },
  {
    name: "trigger-authentication",
    type: "keda.sh/v1alpha1:TriggerAuthentication",
    steps: [
      { do: "up", program: triggerAuthentication("token") },
      { do: "up", program: triggerAuthentication("ca.crt") },
      { do: "destroy", timeoutSeconds: 60 },
    ],
  },
  {
    name: "pod-monitor",
    type: "monitoring.coreos.com/v1:PodMonitor",
    steps: [
      { do: "up", program: podMonitor("http") },
      { do: "up", program: podMonitor("metrics") },
      { do: "refresh" },
      { do: "destroy", timeoutSeconds: 60 },
    ],
  },
  {
    name: "serving-runtime",
    type: "serving.kserve.io/v1alpha1:ServingRuntime",
    steps: [
      { do: "up", program: servingRuntime("serving-runtime", "a") },
      { do: "up", program: servingRuntime("serving-runtime", "a") },
      { do: "up", program: servingRuntime("serving-runtime", "b") },
      { do: "refresh" },
      { do: "compare", program: servingRuntime("serving-runtime", "b") },
      { do: "destroy", timeoutSeconds: 60 },
    ],
  },
  {
    name: "inference-service",
    type: "serving.kserve.io/v1beta1:InferenceService",
    steps: [
      { do: "outside", what: "runtime", act: creates(servingRuntime("inference-service", "a")) },
      { do: "up", program: inferenceService(10), timeoutSeconds: 120 },
      { do: "up", program: inferenceService(10) },
      { do: "refresh" },
      { do: "compare", program: inferenceService(10) },
      { do: "up", program: inferenceService(20), timeoutSeconds: 120 },
      { do: "destroy", timeoutSeconds: 60 },
    ],
  },
  {
    name: "widget",
    type,
    steps: [
      { do: "up", program: widget(inNamespace("widget"), { size: 0, tags: [], anything: { a: null, b: {} } }) },
      { do: "up", program: widget(inNamespace("widget"), { size: 0, tags: [], anything: { a: null, b: {} } }) },
      { do: "refresh" },
      { do: "compare", program: widget(inNamespace("widget"), { size: 0, tags: [], anything: { a: null, b: {} } }) },
      { do: "up", program: widget(inNamespace("widget"), { size: 1, color: "red", tags: ["a", "b"] }) },
      { do: "up", program: widget(inNamespace("widget"), { size: 1, tags: ["a"], parts: [{ name: "x", count: 1 }] }) },
      {
        do: "up",
        program: widget(inNamespace("widget"), { parts: [{ name: "x" }, { name: "y" }], anything: secret("hunter2") }),
      },
      { do: "up", program: widget(inNamespace("widget"), { size: 11 }) },
      { do: "up", program: widget(inNamespace("widget"), { size: 2 }) },
      { do: "destroy" },
    ],
  },
  {
    name: "widget-of-another-version",
    type,
    steps: [
      { do: "up", program: widget(inNamespace("widget-of-another-version"), { size: 11 }) },
      { do: "up", program: { ...widget(inNamespace("widget-of-another-version")), apiVersion: "answers.test/v2" } },
    ],
  },
  {
    name: "kind-not-there",
    type: "answers.test/v1:Missing",
    steps: [
      { do: "up", program: object("answers.test/v1", "Missing", {}, { metadata: inNamespace("kind-not-there") }) },
    ],
  },
  {
    name: "namespace-not-there",
    type,
    steps: [{ do: "up", program: widget(inNamespace("namespace-not-there", { namespace: "answers-nowhere" })) }],
  },
  {
    name: "held-by-finalizer",
    type,
    steps: [
      { do: "up", program: widget(inNamespace("held-by-finalizer")) },
      { do: "outside", what: "held", act: patches(target, { metadata: { finalizers: ["answers.test/hold"] } }) },
      { do: "destroy", timeoutSeconds: 3 },
      { do: "outside", what: "released", act: patches(target, { metadata: { finalizers: [] } }) },
      { do: "destroy" },
      { do: "outside", what: "what is left", act: looksAt(target, "kind") },
    ],
  },
  ...awaited("wait-for-condition", "condition=Ready", ready("True")),
  ...awaited("wait-for-condition-value", "condition=ready=unknown", ready("Unknown")),
  ...awaited("wait-for-path", "jsonpath={.status.phase}=Running", { phase: "Running" }),
  ...awaited("wait-for-any-value", "jsonpath={.status.phase}", { phase: "Anything" }),
  ...awaited("wait-for-filter", 'jsonpath={.status.conditions[?(@.type=="Ready")].status}=True', ready("True")),
  ...awaited("wait-for-all", '["condition=Ready", "jsonpath={.status.phase}=Running"]', {
    phase: "Running",
    ...ready("True"),
  }),
  {
    name: "wait-for-never",
    type,
    steps: [
      { do: "up", program: waiting("wait-for-never", "condition=Ready"), timeoutSeconds: 3 },
      { do: "refresh" },
      { do: "up", program: waiting("wait-for-never", "condition=Ready", { size: 2 }), timeoutSeconds: 3 },
      {
        do: "up",
        program: waiting("wait-for-never", "condition=Ready", { size: 3 }),
        timeoutSeconds: 60,
        meanwhile: reports(target, { observedGeneration: 99, ...ready("True") }),
      },
      { do: "destroy" },
    ],
  },
  {
    name: "wait-for-timeout-annotation",
    type,
    steps: [
      {
        do: "up",
        program: widget(
          inNamespace("wait-for-timeout-annotation", {
            annotations: { "pulumi.com/waitFor": "condition=Ready", "pulumi.com/timeoutSeconds": "2" },
          }),
        ),
      },
    ],
  },
  {
    name: "wait-for-list-compared",
    type,
    steps: [
      {
        do: "up",
        program: waiting("wait-for-list-compared", "jsonpath={.spec.tags}=a", { tags: ["a"] }),
        timeoutSeconds: 2,
      },
    ],
  },
  {
    name: "wait-for-nonsense",
    type,
    steps: [
      { do: "up", program: waiting("wait-for-nonsense", "ready") },
      { do: "up", program: waiting("wait-for-nonsense", "jsonpath=.status.phase") },
    ],
  },
  {
    name: "wait-for-skipped",
    type,
    steps: [
      {
        do: "up",
        program: widget(
          inNamespace("wait-for-skipped", {
            annotations: { "pulumi.com/waitFor": "condition=Ready", "pulumi.com/skipAwait": "true" },
          }),
        ),
      },
    ],
  },
  {
    name: "deleted-while-awaited",
    type,
    steps: [
      {
        do: "up",
        program: waiting("deleted-while-awaited", "condition=Ready"),
        timeoutSeconds: 5,
        meanwhile: async (cluster, namespace) => {
          await waitsFor(target, ["metadata", "name"], "thing")(cluster, namespace);
          return deletes(target)(cluster, namespace);
        },
      },
    ],
  },
  {
    name: "definition",
    type: "apiextensions.k8s.io/v1:CustomResourceDefinition",
    steps: [
      { do: "up", program: gadgets("gadget") },
      { do: "up", program: gadgets("gadget") },
      { do: "refresh" },
      { do: "up", program: gadgets("gizmo") },
      { do: "destroy" },
    ],
  },
];

function waiting(scenario: string, waitFor: string, spec: JsonObject = {}): JsonObject {
  return widget(inNamespace(scenario, { annotations: { "pulumi.com/waitFor": waitFor } }), spec);
}

function ready(status: string): JsonObject {
  return { conditions: [{ type: "Ready", status, reason: "Because" }] };
}

/** Waits until a controller reports this status. */
function awaited(name: string, waitFor: string, status: JsonObject): Scenario[] {
  const program = waiting(name, waitFor);
  return [{ name, type, steps: [{ do: "up", program, timeoutSeconds: 60, meanwhile: reports(target, status) }] }];
}

function triggerAuthentication(key: string): JsonObject {
  const secretTargetRef = [{ parameter: "bearerToken", name: "token", key }];
  return object(
    "keda.sh/v1alpha1",
    "TriggerAuthentication",
    { secretTargetRef },
    {
      metadata: inNamespace("trigger-authentication"),
    },
  );
}

function servingRuntime(scenario: string, image: string): JsonObject {
  const containers = [{ name: "kserve-container", image: `registry.test/${image}` }];
  const supportedModelFormats = [{ name: "huggingface", autoSelect: false }];
  return object(
    "serving.kserve.io/v1alpha1",
    "ServingRuntime",
    { containers, supportedModelFormats, multiModel: false },
    {
      metadata: inNamespace(scenario),
    },
  );
}

/** Its webhook and controller fill in much of it, and it is ready when its pods are. */
function inferenceService(terminationGracePeriodSeconds: number): JsonObject {
  const annotations = {
    "serving.kserve.io/deploymentMode": "Standard",
    "serving.kserve.io/autoscalerClass": "external",
    "pulumi.com/waitFor": '["condition=Ready"]',
  };
  const model = { modelFormat: { name: "huggingface" }, runtime: "thing" };
  const predictor = { model, terminationGracePeriodSeconds, minReplicas: 1 };
  return object(
    "serving.kserve.io/v1beta1",
    "InferenceService",
    { predictor },
    {
      metadata: inNamespace("inference-service", { annotations }),
    },
  );
}

function podMonitor(port: string): JsonObject {
  return object(
    "monitoring.coreos.com/v1",
    "PodMonitor",
    { selector: { matchLabels: { app: "x" } }, podMetricsEndpoints: [{ port, path: "/metrics" }] },
    { metadata: inNamespace("pod-monitor") },
  );
}

function gadgets(shortName: string): JsonObject {
  const names = {
    kind: "Gadget",
    plural: "gadgets",
    singular: "gadget",
    listKind: "GadgetList",
    shortNames: [shortName],
  };
  const schema = { openAPIV3Schema: { type: "object", x_kubernetes_preserve_unknown_fields: true } };
  const versions = [{ name: "v1", served: true, storage: true, schema }];
  return object(
    "apiextensions.k8s.io/v1",
    "CustomResourceDefinition",
    { group: "answers.test", scope: "Cluster", names, versions },
    {
      metadata: { name: "gadgets.answers.test" },
    },
  );
}
