import { resolve } from "node:path";
import type { JsonObject } from "../../../../../packages/sandbox/src/provider/json";
import type { Scenario } from "../scenario";
import { creates, deletes, installs, looksAt } from "./cluster";
import { secret } from "./objects";

const type = "helm.sh/v3:Release";
const chart = resolve(__dirname, "../../../../fixtures/charts/answers");
const configMap = { apiVersion: "v1", kind: "ConfigMap" };
const ours = { atomic: true, cleanupOnFail: true, timeout: 600 };
const noNode = { replicas: 1, nodeSelector: { no: "node" } };

/** Helm releases of a chart of ours. */
export const releaseScenarios: Scenario[] = [
  {
    name: "release",
    type,
    steps: [
      { do: "up", program: release("release", { greeting: "hi", token: secret("hunter2") }) },
      { do: "up", program: release("release", { greeting: "hi", token: secret("hunter2") }) },
      { do: "refresh" },
      { do: "up", program: release("release", { greeting: "hi", token: secret("hunter2") }) },
      { do: "outside", what: "data", act: looksAt(configMap, "data") },
      { do: "outside", what: "hook", act: looksAt({ ...configMap, name: "thing-hook" }, "data") },
      { do: "up", program: release("release", { greeting: "good morning", token: secret("hunter3") }) },
      { do: "up", program: release("release", { greeting: "good morning" }, { description: "without a token" }) },
      { do: "outside", what: "data", act: looksAt(configMap, "data") },
      { do: "compare", program: release("release", { greeting: "good morning" }, { name: "other" }) },
      { do: "destroy" },
      { do: "outside", what: "data", act: looksAt(configMap, "data") },
    ],
  },
  {
    name: "release-autonamed",
    type,
    steps: [
      { do: "up", program: { chart, namespace: "answers-release-autonamed" } },
      { do: "up", program: { chart, namespace: "answers-release-autonamed" } },
      { do: "destroy" },
    ],
  },
  {
    name: "release-awaited",
    type,
    steps: [
      { do: "up", program: release("release-awaited", { replicas: 1 }, { timeout: 120, atomic: true }) },
      {
        do: "outside",
        what: "ready",
        act: looksAt({ apiVersion: "apps/v1", kind: "Deployment" }, "status", "readyReplicas"),
      },
      { do: "destroy" },
    ],
  },
  {
    name: "release-stuck",
    type,
    steps: [
      { do: "up", program: release("release-stuck", noNode, { timeout: 4 }) },
      { do: "refresh" },
      { do: "up", program: release("release-stuck", { replicas: 0 }, { timeout: 60 }) },
      { do: "up", program: release("release-stuck", noNode, { timeout: 4 }) },
      { do: "destroy" },
    ],
  },
  {
    name: "release-rolled-back",
    type,
    steps: [
      { do: "up", program: release("release-rolled-back", noNode, { timeout: 4, atomic: true, cleanupOnFail: true }) },
      { do: "outside", what: "data", act: looksAt(configMap, "data") },
    ],
  },
  {
    name: "release-not-awaited",
    type,
    steps: [
      {
        do: "up",
        program: release("release-not-awaited", noNode, { skipAwait: true, disableWebhooks: true, maxHistory: 3 }),
      },
      { do: "outside", what: "hook", act: looksAt({ ...configMap, name: "thing-hook" }, "data") },
      { do: "destroy" },
    ],
  },
  {
    name: "release-invalid",
    type,
    steps: [
      { do: "up", program: release("release-invalid", { greeting: "", token: secret("hunter2") }) },
      { do: "preview", program: { ...release("release-invalid"), chart: "./not-there" } },
    ],
  },
  {
    name: "release-exists-already",
    type,
    steps: [
      { do: "outside", what: "of others", act: creates({ ...configMap, metadata: { name: "thing" } }) },
      { do: "up", program: release("release-exists-already") },
    ],
  },
  {
    name: "release-gone",
    type,
    steps: [
      { do: "up", program: release("release-gone") },
      {
        do: "outside",
        what: "forgotten",
        act: deletes({ apiVersion: "v1", kind: "Secret", name: "sh.helm.release.v1.thing.v1" }),
      },
      { do: "up", program: release("release-gone", { greeting: "hi" }) },
      { do: "destroy" },
      { do: "refresh" },
    ],
  },
  {
    name: "release-imported",
    type,
    steps: [
      { do: "import", id: "answers-release-imported/thing" },
      { do: "outside", what: "installed by others", act: installs(chart, { greeting: "hi", replicas: 0 }) },
      { do: "import", id: "answers-release-imported/thing" },
      { do: "compare", program: release("release-imported", { greeting: "hi", replicas: 0 }) },
      { do: "compare", program: release("release-imported", { greeting: "hi" }, { name: "other" }) },
      { do: "up", program: release("release-imported", { greeting: "ours", token: secret("hunter2") }, ours) },
      { do: "outside", what: "data", act: looksAt(configMap, "data") },
      { do: "refresh" },
      { do: "up", program: release("release-imported", { greeting: "ours", token: secret("hunter2") }, ours) },
      { do: "destroy" },
    ],
  },
  {
    name: "release-from-repository",
    type,
    steps: [
      {
        do: "preview",
        program: release(
          "release-from-repository",
          {},
          { chart: "answers", repositoryOpts: { repo: "http://127.0.0.1:1" } },
        ),
      },
    ],
  },
  {
    name: "release-of-others",
    type,
    steps: [
      { do: "outside", what: "installed by others", act: installs(chart, { greeting: "hi" }) },
      { do: "up", program: release("release-of-others", { greeting: "hi" }) },
    ],
  },
];

function release(scenario: string, values: JsonObject = {}, more: JsonObject = {}): JsonObject {
  return { chart, name: "thing", namespace: `answers-${scenario}`, values, ...more };
}
