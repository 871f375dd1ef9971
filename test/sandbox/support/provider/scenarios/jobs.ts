import type { Scenario } from "../scenario";
import { endsPod, patches, vanishes } from "./cluster";
import { inNamespace, job } from "./objects";

const type = "batch/v1:Job";
const target = { apiVersion: "batch/v1", kind: "Job" };
const noNode = { nodeSelector: { no: "node" } };
const replaced = { annotations: { "pulumi.com/replaceUnready": "true" } };

/** What runs once. */
export const jobScenarios: Scenario[] = [
  {
    name: "job",
    type: "batch/v1:Job",
    steps: [
      {
        do: "up",
        program: job(inNamespace("job")),
        timeoutSeconds: 120,
      },
      { do: "refresh" },
      { do: "compare", program: job(inNamespace("job")) },
      { do: "compare", program: job(inNamespace("job"), {}, { completions: 2 }) },
      { do: "compare", program: job(inNamespace("job"), { hostname: "other" }) },
      { do: "destroy", timeoutSeconds: 60 },
    ],
  },
  {
    name: "job-failed",
    type: "batch/v1:Job",
    steps: [
      {
        do: "up",
        program: job(inNamespace("job-failed"), noNode, { activeDeadlineSeconds: 2 }),
        timeoutSeconds: 120,
      },
      {
        do: "compare",
        program: job(inNamespace("job-failed", { annotations: { "pulumi.com/replaceUnready": "true" } }), noNode, {
          activeDeadlineSeconds: 2,
        }),
      },
      { do: "destroy", timeoutSeconds: 60 },
    ],
  },
  {
    name: "job-late",
    type,
    steps: [
      { do: "up", program: late("job-late"), timeoutSeconds: 60 },
      // Fails every time, without another try.
      { do: "up", program: late("job-late"), timeoutSeconds: 60 },
      { do: "refresh" },
      { do: "up", program: job(inNamespace("job-late"), {}, { activeDeadlineSeconds: 600 }), timeoutSeconds: 60 },
      { do: "destroy", timeoutSeconds: 60 },
    ],
  },
  {
    name: "job-out-of-retries",
    type,
    steps: [
      { do: "up", program: once("job-out-of-retries"), meanwhile: endsPod("Failed"), timeoutSeconds: 60 },
      { do: "up", program: once("job-out-of-retries"), timeoutSeconds: 60 },
      {
        do: "up",
        program: once("job-out-of-retries", replaced),
        meanwhile: endsPod("Succeeded"),
        timeoutSeconds: 60,
      },
      { do: "compare", program: once("job-out-of-retries", replaced) },
      { do: "destroy", timeoutSeconds: 60 },
    ],
  },
  {
    name: "job-slow",
    type,
    steps: [
      {
        do: "up",
        program: once("job-slow"),
        meanwhile: async (cluster, namespace) => {
          await new Promise((resolve) => setTimeout(resolve, 4000));
          await patches(target, { metadata: { annotations: { theirs: "1" } } })(cluster, namespace);
          await new Promise((resolve) => setTimeout(resolve, 4000));
          return endsPod("Succeeded")(cluster, namespace);
        },
        // From its last event on.
        timeoutSeconds: 6,
      },
      { do: "destroy", timeoutSeconds: 60 },
    ],
  },
  {
    name: "job-pending",
    type,
    steps: [
      { do: "up", program: once("job-pending"), timeoutSeconds: 4 },
      { do: "refresh" },
      { do: "up", program: once("job-pending"), meanwhile: endsPod("Succeeded"), timeoutSeconds: 60 },
      { do: "destroy", timeoutSeconds: 60 },
    ],
  },
  {
    name: "job-cleaned-up",
    type,
    steps: [
      { do: "up", program: job(inNamespace("job-cleaned-up"), {}, { ttlSecondsAfterFinished: 1 }), timeoutSeconds: 60 },
      { do: "outside", what: "gone", act: vanishes(target) },
      { do: "compare", program: job(inNamespace("job-cleaned-up"), {}, { ttlSecondsAfterFinished: 1 }) },
      {
        do: "up",
        program: job(inNamespace("job-cleaned-up", { labels: { a: "b" } }), {}, { ttlSecondsAfterFinished: 1 }),
      },
      { do: "refresh" },
    ],
  },
  {
    // Gone before anybody who asks now and then could see that it is complete.
    name: "job-removed-at-once",
    type,
    steps: [
      {
        do: "up",
        program: job(inNamespace("job-removed-at-once"), {}, { ttlSecondsAfterFinished: 0 }),
        timeoutSeconds: 60,
      },
    ],
  },
];

function late(scenario: string) {
  return job(inNamespace(scenario), noNode, { activeDeadlineSeconds: 1 });
}

/** Nothing runs its pod, so the scenario says how it ends. */
function once(scenario: string, metadata = {}) {
  return job(inNamespace(scenario, metadata), noNode, { backoffLimit: 0 });
}
