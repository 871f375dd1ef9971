import { mounts } from "./claims";
import { besideTheEngine, podOf, podsServeModels } from "./model-server";
import type { LintContext } from "./rule";
import { takes } from "./scrapes";
import { type Field, UnknownValueError } from "./source/field";
import type { LintedObject } from "./source/linted-object";

type Question = (object: LintedObject, context: LintContext) => boolean;

const workloads = ["Deployment", "StatefulSet", "DaemonSet", "LeaderWorkerSet", "Pod", "Service"];
const scalers = ["ScaledObject", "HorizontalPodAutoscaler"];
const services = ["InferenceService", "LLMInferenceService"];

/** Series and metrics of vLLM itself, of KServe's runtimes, and of llm-d's scheduler and autoscaler. */
const modelMetric = /\b(kserve_)?vllm[:_]\w|\binference_(pool|model|objective|extension)_\w|\bwva_\w/;

const always: Question = () => true;

/** By kind: what an object has to do with models that are served. */
const questions: Readonly<Record<string, Question>> = {
  InferenceService: always,
  LLMInferenceService: always,
  LLMInferenceServiceConfig: always,
  ServingRuntime: always,
  ClusterServingRuntime: always,
  ...Object.fromEntries(workloads.map((kind) => [kind, isModelWorkload])),
  ...Object.fromEntries([...scalers, "HTTPScaledObject"].map((kind) => [kind, scalesModels])),
  InterceptorRoute: wakesModels,
  TriggerAuthentication: authenticatesModels,
  Secret: holdsTokenForModels,
  RoleBinding: bindsForModels,
  ClusterRoleBinding: bindsForModels,
  Role: allowsForModels,
  ClusterRole: allowsForModels,
  PersistentVolume: holdsWeights,
  PersistentVolumeClaim: ({ name, namespace }, context) => mountsForModels(name, namespace, context),
  Namespace: holdsModels,
};

/**
 * Whether an object is about the serving of models, as far as it and the objects beside it say. What is right for a web shop or a
 * consumer of a queue may be wrong for a model, and the other way round.
 *
 * @throws UnknownValueError where that is not known yet
 */
export function servesModels(object: LintedObject, context: LintContext): boolean {
  const known = answers.get(context) ?? new Map<LintedObject, boolean>();
  answers.set(context, known);
  const answer = known.get(object) ?? questions[object.kind]?.(object, context) ?? false;
  known.set(object, answer);
  return answer;
}

/** All rules ask the same. */
const answers = new WeakMap<LintContext, Map<LintedObject, boolean>>();

/** Whether one of several questions is answered with yes. One whose answer is not known yet matters only if the others say no. */
function anyOf(...asked: (() => boolean)[]): boolean {
  let unknown: UnknownValueError | undefined;
  for (const question of asked) {
    try {
      if (question()) return true;
    } catch (error) {
      if (!(error instanceof UnknownValueError)) throw error;
      unknown = error;
    }
  }
  if (unknown !== undefined) throw unknown;
  return false;
}

function isModelWorkload(object: LintedObject, context: LintContext): boolean {
  return anyOf(
    () => object.name.endsWith("-predictor"),
    () => podsServeModels(object),
    ...scalers.map(
      (kind) => () =>
        context.objects
          .besides(object, kind)
          .some((scaler) => scaler.get("spec", "scaleTargetRef", "name").text === object.name && readsModels(scaler)),
    ),
  );
}

function scalesModels(object: LintedObject, context: LintContext): boolean {
  const target = object.get("spec", "scaleTargetRef");
  return anyOf(
    () => readsModels(object),
    () => services.includes(target.get("kind").text ?? ""),
    () => isModelName(target.get("name"), context),
  );
}

/** Whether a metric that it scales by is one of models. */
function readsModels(scaler: LintedObject): boolean {
  const triggers = scaler.get("spec", "triggers").items();
  const metrics = scaler.get("spec", "metrics").items();
  const names = [
    ...triggers.flatMap((trigger) => ["query", "metricQuery"].map((key) => trigger.get("metadata", key))),
    ...metrics.flatMap((metric) => ["external", "pods", "object"].map((type) => metric.get(type, "metric", "name"))),
  ];
  return anyOf(...names.map((name) => () => modelMetric.test(name.scalarText ?? "")));
}

/** Workloads of people's interfaces, which may be called by the server that they ask. */
const interfaces = /\b(ui|webui|web|frontend|app|api|client)\b/i;

/** Whether a name is that of a workload that serves models, or that KServe makes of an InferenceService. */
function isModelName(name: Field, { objects }: LintContext): boolean {
  const { text, object } = name;
  if (text === undefined) return false;
  return anyOf(
    () => text.endsWith("-predictor"),
    () => /\bvllm\b/i.test(text) && !besideTheEngine.test(text) && !interfaces.test(text),
    () => objects.find("LLMInferenceService", object.namespace, text.replace(/-kserve(-prefill)?$/, "")) !== undefined,
    ...workloads.map((kind) => () => {
      const workload = objects.find(kind, object.namespace, text);
      return workload !== undefined && podsServeModels(workload);
    }),
  );
}

/** A route of KEDA's interceptor: by the Service it leads to, or by the policy that names it. */
function wakesModels(route: LintedObject, context: LintContext): boolean {
  const service = route.get("spec", "target", "service");
  const { objects } = context;
  return anyOf(
    () => isModelName(service, context),
    () => {
      const selector = objects.find("Service", route.namespace, service.text ?? "")?.get("spec", "selector");
      return selector !== undefined && selectsModels(selector, context);
    },
    () =>
      objects
        .besides(route, "ScaledObject")
        .filter((policy) =>
          triggersOf(policy).some((trigger) => trigger.get("metadata", "interceptorRoute").text === route.name),
        )
        .some((policy) => scalesModels(policy, context)),
  );
}

function triggersOf(policy: LintedObject): Field[] {
  return policy.get("spec", "triggers").items();
}

function selectsModels(selector: Field, context: LintContext): boolean {
  return modelWorkloads(selector.object.namespace, context).some((workload) =>
    takes(selector, workload.get("spec", "template", "metadata", "labels")),
  );
}

function modelWorkloads(namespace: string, context: LintContext): LintedObject[] {
  return workloads
    .flatMap((kind) => context.objects.inNamespace(namespace, kind))
    .filter((workload) => servesModels(workload, context));
}

/** Whether a policy for a model asks with these credentials. */
function authenticatesModels(authentication: LintedObject, context: LintContext): boolean {
  return context.objects
    .besides(authentication, "ScaledObject")
    .filter((policy) =>
      triggersOf(policy).some((trigger) => trigger.get("authenticationRef", "name").text === authentication.name),
    )
    .some((policy) => scalesModels(policy, context));
}

/** A Secret with the token of a ServiceAccount, or that the credentials of a policy are read from. */
function holdsTokenForModels(secret: LintedObject, context: LintContext): boolean {
  const account = secret.annotation("kubernetes.io/service-account.name").text;
  return anyOf(
    () => readsSecretForModels(secret.name, secret.namespace, context),
    () => account !== undefined && isModelAccount(account, secret.namespace, context),
  );
}

function readsSecretForModels(name: string, namespace: string, context: LintContext): boolean {
  return context.objects
    .inNamespace(namespace, "TriggerAuthentication")
    .filter((authentication) =>
      authentication
        .get("spec", "secretTargetRef")
        .items()
        .some((reference) => reference.get("name").text === name),
    )
    .some((authentication) => authenticatesModels(authentication, context));
}

/** Whether a ServiceAccount is that of a workload that serves models, or of the credentials of its policy. */
function isModelAccount(account: string, namespace: string, context: LintContext): boolean {
  const { objects } = context;
  return anyOf(
    () =>
      objects
        .inNamespace(namespace, "TriggerAuthentication")
        .filter((authentication) =>
          authentication
            .get("spec", "boundServiceAccountToken")
            .items()
            .some((token) => token.get("serviceAccountName").text === account),
        )
        .some((authentication) => authenticatesModels(authentication, context)),
    () =>
      objects
        .inNamespace(namespace, "Secret")
        .filter((secret) => secret.annotation("kubernetes.io/service-account.name").text === account)
        .some((secret) => readsSecretForModels(secret.name, namespace, context)),
    () =>
      modelWorkloads(namespace, context).some((workload) => podOf(workload).get("serviceAccountName").text === account),
    () =>
      objects
        .inNamespace(namespace, "InferenceService")
        .some((service) => service.get("spec", "predictor", "serviceAccountName").text === account),
  );
}

function bindsForModels(binding: LintedObject, context: LintContext): boolean {
  const accounts = binding
    .get("subjects")
    .items()
    .filter((subject) => subject.get("kind").text === "ServiceAccount");
  return anyOf(
    ...accounts.map(
      (account) => () =>
        isModelAccount(account.get("name").text ?? "", account.get("namespace").text ?? binding.namespace, context),
    ),
  );
}

function allowsForModels(role: LintedObject, context: LintContext): boolean {
  const bindings = ["RoleBinding", "ClusterRoleBinding"].flatMap((kind) => context.objects.ofKind(kind));
  return anyOf(
    ...bindings
      .filter(
        ({ kind, namespace }) =>
          role.kind === "ClusterRole" || (kind === "RoleBinding" && namespace === role.namespace),
      )
      .map((binding) => () => {
        const bound = binding.get("roleRef");
        const isThis = bound.get("kind").text === role.kind && bound.get("name").text === role.name;
        return isThis && bindsForModels(binding, context);
      }),
  );
}

/** A volume whose claim a workload that serves models mounts, or that an InferenceService loads from. */
function holdsWeights(volume: LintedObject, context: LintContext): boolean {
  const bound = volume.get("spec", "claimRef");
  const claims = bound.exists
    ? [{ name: bound.get("name").text ?? "", namespace: bound.get("namespace").text ?? "" }]
    : context.objects
        .ofKind("PersistentVolumeClaim")
        .filter((claim) => claim.get("spec", "volumeName").text === volume.name);
  return anyOf(...claims.map((claim) => () => mountsForModels(claim.name, claim.namespace, context)));
}

function mountsForModels(claim: string, namespace: string, context: LintContext): boolean {
  const { objects } = context;
  return anyOf(
    ...services.map((kind) => () => objects.inNamespace(namespace, kind).some((service) => mounts(service, claim))),
    () => modelWorkloads(namespace, context).some((workload) => mounts(workload, claim)),
  );
}

/** A namespace that something in it, which serves models, is known of. */
function holdsModels({ name }: LintedObject, context: LintContext): boolean {
  const { objects } = context;
  return anyOf(
    ...services.map((kind) => () => objects.inNamespace(name, kind).length > 0),
    () => modelWorkloads(name, context).length > 0,
    ...scalers.map((kind) => () => objects.inNamespace(name, kind).some((scaler) => scalesModels(scaler, context))),
  );
}
