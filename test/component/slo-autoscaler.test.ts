import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { type PlatformReference, SloAutoscaler, type SloAutoscalerArgs } from "../../src";
import { compileScaledObject } from "../../src/manifests";
import { kubernetes, llama, openShift } from "./fixtures";
import { messageOf, outputValue, record, resource } from "./recorded-program";

const scaledObject = "vllm-serving:index:SloAutoscaler$kubernetes:keda.sh/v1alpha1:ScaledObject::chat";

/** Scales a workload that somebody else made: a KServe predictor. */
const predictor = {
  namespace: "chat",
  scaleTargetRef: { name: "chat-predictor" },
  metrics: { modelName: "chat", podRegex: "chat-predictor-[a-z0-9]+-[a-z0-9]+" },
  slo: { itl: { atMostMs: 75 }, ttft: { atMostMs: 2500, quantile: 0.95 } },
  replicas: { min: 2, max: 4 },
  capacity: { concurrencyPerReplica: 7 },
};

function specOf(args: SloAutoscalerArgs): unknown {
  const { namespace, scaleTargetRef, platform, ...rest } = args;
  if (typeof namespace !== "string" || typeof scaleTargetRef.name !== "string" || platform !== kubernetes) {
    throw new Error("plain arguments only");
  }
  const target = { ...scaleTargetRef, name: scaleTargetRef.name };
  const result = compileScaledObject("chat", { ...rest, namespace, scaleTargetRef: target }, kubernetes);
  return result.ok ? result.policy.scaledObject.spec : result.problems;
}

test("one ScaledObject on a workload of somebody else", async () => {
  const program = await record(() => new SloAutoscaler("chat", { ...predictor, platform: kubernetes }));
  expect([...program.resources.keys()]).toEqual(["vllm-serving:index:SloAutoscaler::chat", scaledObject]);
  const { inputs } = resource(program, scaledObject);
  expect(inputs).toEqual({
    apiVersion: "keda.sh/v1alpha1",
    kind: "ScaledObject",
    metadata: {
      name: "chat",
      namespace: "chat",
      labels: {
        "app.kubernetes.io/name": "vllm",
        "app.kubernetes.io/instance": "chat",
        "app.kubernetes.io/component": "autoscaler",
        "app.kubernetes.io/part-of": "vllm-serving",
      },
    },
    spec: specOf({ ...predictor, platform: kubernetes }),
  });
  expect(inputs).toHaveProperty("spec.scaleTargetRef", {
    name: "chat-predictor",
    kind: "Deployment",
    apiVersion: "apps/v1",
  });
  expect(await outputValue(program.result.scaledObjectName)).toBe("chat");
});

test("takes target, namespace and platform from other resources, and waits for them", async () => {
  const program = await record(() => {
    const namespace = new k8s.core.v1.Namespace("chat", { metadata: { name: "chat" } });
    const labels = { app: "chat" };
    const target = new k8s.apps.v1.Deployment("chat", {
      metadata: { name: "chat-predictor" },
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels } } },
    });
    return new SloAutoscaler("chat", {
      ...predictor,
      namespace: namespace.metadata.name,
      scaleTargetRef: { name: target.metadata.name },
      platform: pulumi.output(kubernetes),
    });
  });
  expect(program.errors).toEqual([]);
  expect(resource(program, scaledObject).inputs).toHaveProperty("spec", specOf({ ...predictor, platform: kubernetes }));
  expect(resource(program, scaledObject).dependencies).toEqual([
    "kubernetes:apps/v1:Deployment::chat",
    "kubernetes:core/v1:Namespace::chat",
  ]);
});

test("with a bound token, KEDA may issue tokens of one ServiceAccount, which may read pods of one namespace (traps 40, 41)", async () => {
  const args: SloAutoscalerArgs = {
    ...predictor,
    platform: openShift,
    prometheusAuthentication: "boundServiceAccountToken",
  };
  const program = await record(() => new SloAutoscaler("chat", args));
  const child = (type: string, name: string) => `vllm-serving:index:SloAutoscaler$kubernetes:${type}::${name}`;
  const spec = (urn: string) => {
    const { apiVersion: _, kind: __, metadata, ...rest } = resource(program, urn).inputs;
    expect(metadata).toMatchObject({ namespace: "chat" });
    return rest;
  };
  const rbac = "rbac.authorization.k8s.io/v1";
  expect(program.resources.size).toBe(8);
  expect(spec(child("core/v1:ServiceAccount", "chat-prometheus"))).toEqual({ automountServiceAccountToken: false });
  expect(spec(child(`${rbac}:Role`, "chat-prometheus-reader"))).toEqual({
    rules: [
      { apiGroups: [""], resources: ["pods"], verbs: ["get"] },
      { apiGroups: ["metrics.k8s.io"], resources: ["pods"], verbs: ["get"] },
    ],
  });
  expect(spec(child(`${rbac}:RoleBinding`, "chat-prometheus-reader"))).toEqual({
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "chat-prometheus-reader" },
    subjects: [{ kind: "ServiceAccount", namespace: "chat", name: "chat-prometheus" }],
  });
  expect(spec(child(`${rbac}:Role`, "chat-prometheus-token"))).toEqual({
    rules: [
      { apiGroups: [""], resources: ["serviceaccounts/token"], resourceNames: ["chat-prometheus"], verbs: ["create"] },
    ],
  });
  expect(spec(child(`${rbac}:RoleBinding`, "chat-prometheus-token"))).toEqual({
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "chat-prometheus-token" },
    subjects: [{ kind: "ServiceAccount", namespace: "openshift-keda", name: "keda-operator" }],
  });
  expect(spec(child("keda.sh/v1alpha1:TriggerAuthentication", "chat-prometheus"))).toEqual({
    spec: {
      boundServiceAccountToken: [{ parameter: "bearerToken", serviceAccountName: "chat-prometheus" }],
      configMapTargetRef: [{ parameter: "ca", name: "openshift-service-ca.crt", key: "service-ca.crt" }],
    },
  });
  const { inputs } = resource(program, scaledObject);
  expect(inputs).toHaveProperty("spec.triggers[0].authenticationRef", { name: "chat-prometheus" });
  expect(inputs).toHaveProperty("spec.triggers[0].metadata.authModes", "bearer");
  expect(inputs).toHaveProperty("spec.triggers[0].metadata.namespace", "chat");
});

test("elsewhere than on OpenShift a bound token comes without the service CA", async () => {
  const platform = { ...kubernetes, prometheusAuthentication: "boundServiceAccountToken" };
  const args: SloAutoscalerArgs = { ...predictor, platform, prometheusAuthentication: "boundServiceAccountToken" };
  const program = await record(() => new SloAutoscaler("chat", args));
  expect(
    resource(
      program,
      "vllm-serving:index:SloAutoscaler$kubernetes:keda.sh/v1alpha1:TriggerAuthentication::chat-prometheus",
    ).inputs,
  ).toHaveProperty("spec", {
    boundServiceAccountToken: [{ parameter: "bearerToken", serviceAccountName: "chat-prometheus" }],
  });
});

test("the token of a Secret needs no leave for KEDA, and never takes the Secret's own certificate authority", async () => {
  const prometheusAuthentication = "serviceAccountTokenSecret";
  const prometheusCertificateAuthority = { configMap: "company-ca", key: "ca.pem" };
  const platform = { ...kubernetes, prometheusAuthentication, prometheusCertificateAuthority };
  const args: SloAutoscalerArgs = { ...predictor, platform, prometheusAuthentication };
  const program = await record(() => new SloAutoscaler("chat", args));
  const urn = (type: string, name: string) => `vllm-serving:index:SloAutoscaler$kubernetes:${type}::${name}`;
  expect(program.resources.size).toBe(7);
  const { inputs } = resource(program, urn("core/v1:Secret", "chat-prometheus-token"));
  expect(inputs).toMatchObject({
    metadata: {
      name: "chat-prometheus-token",
      namespace: "chat",
      annotations: { "kubernetes.io/service-account.name": "chat-prometheus" },
    },
    type: "kubernetes.io/service-account-token",
  });
  expect(inputs).not.toHaveProperty("data");
  expect(resource(program, urn("keda.sh/v1alpha1:TriggerAuthentication", "chat-prometheus")).inputs).toHaveProperty(
    "spec",
    {
      secretTargetRef: [{ parameter: "bearerToken", name: "chat-prometheus-token", key: "token" }],
      configMapTargetRef: [{ parameter: "ca", name: "company-ca", key: "ca.pem" }],
    },
  );
});

test("user name and password stay in their Secret, of which KEDA is told the name", async () => {
  const platform: PlatformReference = {
    ...kubernetes,
    prometheusAuthentication: "basic",
    prometheusCredentialsSecret: { name: "prometheus-reader", passwordKey: "secret" },
    prometheusCertificateAuthority: { configMap: "company-ca", key: "ca.pem" },
  };
  const args: SloAutoscalerArgs = { ...predictor, platform, prometheusAuthentication: "basic" };
  const program = await record(() => new SloAutoscaler("chat", args));
  expect(program.resources.size).toBe(3);
  const urn = "vllm-serving:index:SloAutoscaler$kubernetes:keda.sh/v1alpha1:TriggerAuthentication::chat-prometheus";
  expect(resource(program, urn).inputs).toHaveProperty("spec", {
    secretTargetRef: [
      { parameter: "username", name: "prometheus-reader", key: "username" },
      { parameter: "password", name: "prometheus-reader", key: "secret" },
    ],
    configMapTargetRef: [{ parameter: "ca", name: "company-ca", key: "ca.pem" }],
  });
  const { inputs } = resource(program, scaledObject);
  expect(inputs).toHaveProperty("spec.triggers[0].authenticationRef", { name: "chat-prometheus" });
  expect(inputs).toHaveProperty("spec.triggers[0].metadata.authModes", "basic");
});

test("with a TriggerAuthentication of somebody else it makes nothing but the ScaledObject", async () => {
  const args: SloAutoscalerArgs = {
    ...predictor,
    platform: openShift,
    prometheusAuthentication: "boundServiceAccountToken",
    prometheusTriggerAuthentication: "metrics.reader",
  };
  const program = await record(() => new SloAutoscaler("chat", args));
  expect(program.resources.size).toBe(2);
  const { inputs } = resource(program, scaledObject);
  expect(inputs).toHaveProperty("spec.triggers[0].authenticationRef", { name: "metrics.reader" });
  expect(inputs).toHaveProperty("spec.triggers[0].metadata.authModes", "bearer");
});

test("explains every field it sets", async () => {
  const { result } = await record(() => new SloAutoscaler("chat", { ...predictor, platform: kubernetes }));
  const compiled = compileScaledObject("chat", predictor, kubernetes);
  expect(await outputValue(result.explanation)).toEqual(
    compiled.ok
      ? compiled.policy.explanation.map(({ path, value, because }) => `${path} = ${value}: ${because}`)
      : compiled.problems,
  );
});

describe("wrong arguments", () => {
  test("all at once, before anything is registered", async () => {
    let message = "";
    const { resources } = await record(() => {
      try {
        new SloAutoscaler("Chat", {
          ...predictor,
          slo: {},
          replicas: { min: 0, max: 4 },
          prometheusAuthentication: "boundServiceAccountToken",
          extraTriggers: [{ type: "cron", metadata: {}, metricType: "Average" }],
          platform: kubernetes,
        });
      } catch (error) {
        message = messageOf(error);
      }
    });
    expect(resources.size).toBe(0);
    expect(message.split("\n").map((line) => line.split(":")[0])).toEqual([
      'SloAutoscaler "Chat" has 5 problems in its arguments',
      "  name",
      "  prometheusAuthentication",
      "  extraTriggers[0].metricType",
      "  slo",
      "  replicas.min",
    ]);
  });

  test("what only the platform shows stops the ScaledObject", async () => {
    const { resources, errors } = await record(
      () =>
        new SloAutoscaler("chat", { ...predictor, platform: pulumi.output({ ...kubernetes, kedaVersion: "2.14.0" }) }),
    );
    expect([...resources.keys()]).toEqual(["vllm-serving:index:SloAutoscaler::chat"]);
    expect(errors.length).toBeGreaterThan(0);
    expect(messageOf(errors[0])).toContain(
      'SloAutoscaler "chat" has 1 problem in its arguments:\n  platform.kedaVersion: ',
    );
  });

  test("a model of the compiler's own kind is no argument's fault: the standard one has none", () => {
    expect(compileScaledObject("chat", { ...predictor, capacity: llama.capacity }, kubernetes).ok).toBe(true);
  });
});
