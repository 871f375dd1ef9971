import { isThanosQuerier } from "../../policy/thanos-querier";
import { type Report, Severity } from "../finding";
import { areNear } from "../object-set";
import type { LintContext, Rule } from "../rule";
import type { ScalingMetric } from "../signals/scaling-metric";
import { scalingMetricsOf } from "../signals/scaling-metric";
import type { Field } from "../source/field";
import type { LintedObject } from "../source/linted-object";
import { inFlightLines, scaledObjectExample } from "./examples";

const kinds = ["ScaledObject"];
const scalerSource = "kedacore/keda pkg/scalers/prometheus_scaler.go";
export const openShiftSources = ["openshift/cluster-monitoring-operator jsonnet/components/thanos-querier.libsonnet"];

/** A ScaledObject of OpenShift's user-workload monitoring that no rule objects to. */
export const tenancyExample = scaledObjectExample({
  trigger: "name: in-flight\nauthenticationRef:\n  name: llama-prometheus",
  metadata: `${inFlightLines}\nnamespace: models\nauthModes: bearer`,
}).replace(
  "http://prometheus-operated.monitoring.svc:9090",
  "https://thanos-querier.openshift-monitoring.svc.cluster.local:9092",
);

function metadataOf(metric: ScalingMetric): Field {
  return metric.field.get("metadata");
}

/** Modes of authentication, by either name of the key; without a value where none is written. */
function modesOf(metric: ScalingMetric): Field {
  const single = metadataOf(metric).get("authMode");
  return single.exists ? single : metadataOf(metric).get("authModes");
}

const authModesMissing: Rule = {
  id: "credentials-not-used",
  title: "Credentials are given and not sent",
  severity: Severity.Error,
  kinds,
  happens:
    "KEDA asks without a token and gets 401, or refuses the certificate: the CA of the TriggerAuthentication is passed over too.",
  why: "KEDA reads what `authenticationRef` holds only for the modes that `authModes` names; only a `podIdentity` and the keys of AWS and Google need none.",
  sources: [scalerSource, "kedacore/keda pkg/scalers/authentication/authentication_types.go"],
  fix: "Write `authModes: bearer`, or the modes that the TriggerAuthentication is for.",
  bad: `${tenancyExample.replace("\n        authModes: bearer", "")}---\n${triggerAuthentication("models")}`,
  good: `${tenancyExample}---\n${triggerAuthentication("models")}`,
  *check(object: LintedObject, { objects }: LintContext): Generator<Report> {
    for (const metric of scalingMetricsOf(object)) {
      const reference = metric.field.get("authenticationRef");
      if (!reference.exists || modesOf(metric).exists) continue;
      const kind = reference.get("kind").text ?? "TriggerAuthentication";
      const authentication = objects.findNear(object, kind, reference.get("name").text ?? "");
      if (authentication === undefined || needsNoMode(authentication)) continue;
      yield {
        at: reference,
        message: `${metric.title} names the ${kind} ${authentication.name} and no authModes: neither its token nor its CA is used.`,
        fix: "Write authModes: bearer in metadata.",
      };
    }
  },
};

/** An identity of the pod and keys of AWS and Google are sent without a mode, and the mode may be among what it holds. */
function needsNoMode(authentication: LintedObject): boolean {
  const spec = authentication.get("spec");
  if (spec.get("podIdentity").exists) return true;
  return spec
    .entries()
    .flatMap(([, source]) => [...source.items(), ...source.get("secrets").items()])
    .some((reference) => withoutMode.test(reference.get("parameter").text ?? ""));
}

const withoutMode = /^(aws\w+|GoogleApplicationCredentials|authModes?)$/;

const authenticationMissing: Rule = {
  id: "credentials-missing",
  title: "A mode of authentication without credentials",
  severity: Severity.Error,
  kinds,
  happens: "KEDA refuses the trigger and makes no HPA.",
  why: "A mode such as `bearer` needs its parameters from a TriggerAuthentication.",
  sources: ["kedacore/keda pkg/scalers/authentication/authentication_helpers.go"],
  fix: "Add `authenticationRef` beside `metadata`.",
  bad: tenancyExample.replace("      authenticationRef:\n        name: llama-prometheus\n", ""),
  good: tenancyExample,
  *check(object: LintedObject): Generator<Report> {
    for (const metric of scalingMetricsOf(object)) {
      const modes = modesOf(metric);
      if (!modes.exists || metric.field.get("authenticationRef").exists) continue;
      yield {
        at: modes,
        message: `${metric.title} asks for ${modes.path.at(-1)} ${modes.scalarText} and names no TriggerAuthentication.`,
        fix: "Add authenticationRef.name.",
      };
    }
  },
};

const authenticationElsewhere: Rule = {
  id: "authentication-in-other-namespace",
  title: "The TriggerAuthentication is in another namespace",
  severity: Severity.Error,
  kinds,
  happens: "KEDA does not find it, and makes no HPA.",
  why: "A ScaledObject only reads TriggerAuthentications of its own namespace.",
  sources: ["kedacore/keda apis/keda/v1alpha1/triggerauthentication_types.go"],
  fix: "Put it into the namespace of the ScaledObject, or make it a ClusterTriggerAuthentication.",
  bad: `${tenancyExample}---\n${triggerAuthentication("openshift-operators")}`,
  good: `${tenancyExample}---\n${triggerAuthentication("models")}`,
  *check(object: LintedObject, { objects }: LintContext): Generator<Report> {
    for (const trigger of object.get("spec", "triggers").items()) {
      const reference = trigger.get("authenticationRef");
      const name = reference.get("name").text;
      if (name === undefined || reference.get("kind").text === "ClusterTriggerAuthentication") continue;
      const all = objects.ofKind("TriggerAuthentication").filter((found) => found.name === name);
      const [elsewhere] = all;
      if (elsewhere === undefined || all.some(({ namespace }) => areNear(namespace, object.namespace))) continue;
      yield {
        at: reference.get("name"),
        message: `TriggerAuthentication ${name} is in namespace ${elsewhere.namespace}, the ScaledObject in ${object.namespace}: KEDA does not find it.`,
        fix: `Move it to ${object.namespace}.`,
      };
    }
  },
};

export function triggerAuthentication(namespace: string): string {
  return `apiVersion: keda.sh/v1alpha1
kind: TriggerAuthentication
metadata:
  name: llama-prometheus
  namespace: ${namespace}
spec:
  boundServiceAccountToken:
    - parameter: bearerToken
      serviceAccountName: llama-prometheus
`;
}

const tenancyNamespace: Rule = {
  id: "tenancy-namespace-missing",
  title: "OpenShift's tenancy port is asked without a namespace",
  severity: Severity.Error,
  kinds,
  happens: "Thanos Querier answers 400 or 403: nothing is scaled.",
  why: "Port 9092 is for one namespace at a time, which it wants as a parameter.",
  sources: openShiftSources,
  fix: "Write `namespace: <namespace of the pods>` in metadata.",
  bad: tenancyExample.replace("\n        namespace: models", ""),
  good: tenancyExample,
  *check(object: LintedObject): Generator<Report> {
    for (const metric of scalingMetricsOf(object)) {
      const address = metadataOf(metric).get("serverAddress");
      if (!isThanos(address, 9092) || metadataOf(metric).get("namespace").exists) continue;
      yield {
        at: address,
        message: `${metric.title} asks port 9092 without a namespace and gets 400 or 403.`,
        fix: `Write namespace: ${object.namespace || "<namespace>"} in metadata.`,
        ...(object.namespace === ""
          ? {}
          : { edits: [{ kind: "add", path: metadataOf(metric).get("namespace").path, value: object.namespace }] }),
      };
    }
  },
};

const clusterWidePort: Rule = {
  id: "cluster-wide-port",
  title: "It reads the metrics of the whole cluster",
  severity: Severity.Warning,
  kinds: ["ScaledObject", "InferenceService", "LLMInferenceService"],
  happens:
    "Port 9091 needs a ClusterRole, `cluster-monitoring-view`, with which the token reads the metrics of every namespace. Without it KEDA gets 403.",
  why: "Port 9092 answers for one namespace, with a Role in that namespace.",
  sources: openShiftSources,
  fix: "Ask port 9092 with `namespace`, and give the ServiceAccount a Role that may get pods.",
  bad: tenancyExample.replace(":9092", ":9091"),
  good: tenancyExample,
  *check(object: LintedObject): Generator<Report> {
    for (const metric of scalingMetricsOf(object)) {
      const address = addressOf(metric);
      if (!isThanos(address, 9091)) continue;
      yield {
        at: address,
        message: `${metric.title} asks port 9091, which needs the right to read the metrics of all namespaces.`,
        fix: "Ask port 9092 with namespace.",
      };
    }
  },
};

function addressOf({ field }: ScalingMetric): Field {
  return field.object.kind === "InferenceService"
    ? field.get("external", "metric", "serverAddress")
    : field.get("metadata", "serverAddress");
}

function isThanos(address: Field, port: 9091 | 9092): boolean {
  return isThanosQuerier(address.text ?? "", port);
}

const addressUnusable: Rule = {
  id: "server-address-unusable",
  title: "This is not the address of a Prometheus",
  severity: Severity.Error,
  kinds: ["ScaledObject", "InferenceService", "LLMInferenceService"],
  happens: "KEDA gets 404 or no connection: nothing is scaled.",
  why: "KEDA adds `/api/v1/query` to the address itself, and needs `http://` or `https://`.",
  sources: [`${scalerSource}, ExecutePromQuery`],
  fix: "Write scheme, host and port, and the path prefix if there is one.",
  bad: scaledObjectExample().replace(
    "http://prometheus-operated.monitoring.svc:9090",
    "http://prometheus-operated.monitoring.svc:9090/api/v1/query",
  ),
  good: scaledObjectExample(),
  *check(object: LintedObject): Generator<Report> {
    for (const metric of scalingMetricsOf(object)) {
      const address = addressOf(metric);
      const text = address.text;
      if (text === undefined) {
        yield { at: address, message: `${metric.title} has no serverAddress.`, fix: "Write the URL of Prometheus." };
      } else if (!/^https?:\/\//.test(text)) {
        yield {
          at: address,
          message: `${text} has no scheme: KEDA cannot ask it.`,
          fix: `Write http://${text} or https://${text}.`,
        };
      } else if (/\/api\/v1/.test(text)) {
        yield {
          at: address,
          message: `KEDA adds /api/v1/query to ${text} and gets 404.`,
          fix: `Write ${text.replace(/\/api\/v1.*$/, "")}.`,
        };
      }
    }
  },
};

const unsafeSsl: Rule = {
  id: "certificate-not-checked",
  title: "The certificate of Prometheus is not checked",
  severity: Severity.Warning,
  kinds,
  happens:
    "The token goes to whoever answers, and replicas follow whatever numbers come back. Where the TriggerAuthentication has a CA, the flag does nothing and misleads the reader.",
  why: "`unsafeSsl` switches the check off; with a CA or a client certificate KEDA builds the connection anew, without the flag.",
  sources: [scalerSource],
  fix: "Give the CA in the TriggerAuthentication: `configMapTargetRef` with `openshift-service-ca.crt` on OpenShift. Without credentials KEDA reads no CA there: give it to KEDA's operator, in a folder of `--ca-dir`.",
  bad: tenancyExample.replace("\n        authModes: bearer", '\n        authModes: bearer\n        unsafeSsl: "true"'),
  good: tenancyExample,
  *check(object: LintedObject): Generator<Report> {
    for (const metric of scalingMetricsOf(object)) {
      const field = metadataOf(metric).get("unsafeSsl");
      if (field.scalarText !== "true" || addressOf(metric).text?.startsWith("http://")) continue;
      const hasCredentials = metric.field.get("authenticationRef").exists;
      yield {
        at: field,
        message: `${metric.title} ${hasCredentials ? "sends its credentials" : "asks"} without checking who answers.`,
        fix: `Remove unsafeSsl and give the CA ${hasCredentials ? "in the TriggerAuthentication" : "to KEDA's operator, in a folder of --ca-dir"}.`,
      };
    }
  },
};

export const prometheusAccessRules: readonly Rule[] = [
  authModesMissing,
  authenticationMissing,
  authenticationElsewhere,
  tenancyNamespace,
  clusterWidePort,
  addressUnusable,
  unsafeSsl,
];
