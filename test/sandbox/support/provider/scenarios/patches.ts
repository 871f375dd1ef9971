import type { JsonObject } from "../../../../../packages/sandbox/src/provider/json";
import type { Scenario } from "../scenario";
import { creates, looksAt, reports } from "./cluster";
import { configMap, deployment, inNamespace, object, widget } from "./objects";

const configMapKind = { apiVersion: "v1", kind: "ConfigMap" };
const widgetKind = { apiVersion: "answers.test/v1", kind: "Widget" };
const forced = { annotations: { "pulumi.com/patchForce": "true" } };

/** Fields of what others own. */
export const patchScenarios: Scenario[] = [
  {
    name: "patch",
    type: "core/v1:ConfigMapPatch",
    steps: [
      {
        do: "outside",
        what: "made by others",
        act: creates({
          apiVersion: "v1",
          kind: "ConfigMap",
          metadata: { name: "thing" },
          data: { a: "theirs", b: "theirs" },
        }),
      },
      { do: "up", program: configMap(inNamespace("patch"), { c: "1" }) },
      { do: "up", program: configMap(inNamespace("patch"), { c: "2", d: "1" }) },
      { do: "up", program: configMap(inNamespace("patch"), { c: "2", a: "ours" }) },
      {
        do: "up",
        program: configMap(inNamespace("patch", { annotations: { "pulumi.com/patchForce": "true" } }), {
          c: "2",
          a: "ours",
        }),
      },
      { do: "refresh" },
      { do: "destroy" },
      { do: "outside", what: "data", act: looksAt({ apiVersion: "v1", kind: "ConfigMap" }, "data") },
    ],
  },
  {
    name: "patch-unnamed",
    type: "core/v1:ConfigMapPatch",
    steps: [{ do: "preview", program: configMap({ namespace: "answers-patch-unnamed" }, { c: "1" }) }],
  },
  {
    name: "patch-of-required-field",
    type: "apps/v1:DeploymentPatch",
    steps: [
      {
        do: "up",
        program: deployment(
          inNamespace("patch-of-required-field", { annotations: { "pulumi.com/skipAwait": "true" } }),
          {},
          { replicas: 0 },
        ),
      },
      { do: "destroy" },
    ],
  },
  {
    name: "patch-in-conflict",
    type: "core/v1:ConfigMapPatch",
    steps: [
      {
        do: "outside",
        what: "made by others",
        act: creates({ ...configMapKind, metadata: { name: "thing" }, data: { a: "theirs" } }),
      },
      { do: "up", program: configMap(inNamespace("patch-in-conflict"), { a: "ours" }) },
      { do: "up", program: configMap(inNamespace("patch-in-conflict", forced), { a: "ours" }) },
      { do: "outside", what: "data", act: looksAt(configMapKind, "data") },
    ],
  },
  {
    name: "patch-of-nothing",
    type: "core/v1:ConfigMapPatch",
    steps: [
      { do: "up", program: configMap(inNamespace("patch-of-nothing"), { a: "1" }) },
      { do: "destroy" },
      { do: "outside", what: "data", act: looksAt(configMapKind, "data") },
    ],
  },
  {
    name: "widget-patch",
    type: "answers.test/v1:WidgetPatch",
    steps: [
      {
        do: "outside",
        what: "made by others",
        act: creates({ ...widgetKind, metadata: { name: "thing" }, spec: { size: 1, color: "green" } }),
      },
      { do: "preview", program: awaitedWidget(2) },
      { do: "up", program: awaitedWidget(2), meanwhile: reports(widgetKind, { phase: "done" }), timeoutSeconds: 60 },
      { do: "up", program: awaitedWidget(2) },
      { do: "refresh" },
      { do: "up", program: awaitedWidget(3), timeoutSeconds: 60 },
      { do: "destroy" },
      { do: "outside", what: "spec", act: looksAt(widgetKind, "spec") },
    ],
  },
  {
    name: "widget-patch-of-nothing",
    type: "answers.test/v1:WidgetPatch",
    steps: [
      { do: "up", program: widget(inNamespace("widget-patch-of-nothing", forced), { size: 1 }) },
      { do: "destroy" },
    ],
  },
  {
    name: "namespace-patch",
    type: "core/v1:NamespacePatch",
    steps: [
      { do: "up", program: labelled({ team: "a" }) },
      { do: "up", program: labelled({ team: "b" }) },
      { do: "refresh" },
      { do: "destroy" },
    ],
  },
];

function awaitedWidget(size: number): JsonObject {
  const annotations = { ...forced.annotations, "pulumi.com/waitFor": "jsonpath={.status.phase}=done" };
  return widget(inNamespace("widget-patch", { annotations }), { size });
}

function labelled(labels: JsonObject): JsonObject {
  return object("v1", "Namespace", undefined, { metadata: { ...forced, name: "answers-namespace-patch", labels } });
}
