import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { type LintedObject, lint, readYaml } from "../../../src/lint";
import { type PublishedPolicy, publishedPolicies } from "../../../src/lint/published";
import { formulaReachOf, maxReplicasOf, reachesOf } from "../../../src/lint/signals/reach";
import { parseVersion } from "../../../src/policy/version";
import { options } from "../lint/options";
import { compiled, standardInput, triggerOf } from "../policy/policy-inputs";

const file = resolve(__dirname, "../../../docs/published-policies.md");

function releaseOf({ vllmVersion }: PublishedPolicy) {
  const vllm = parseVersion(vllmVersion);
  if (vllm === undefined) throw new Error(vllmVersion);
  return vllm;
}

const found = (policy: PublishedPolicy, manifests: string) =>
  lint([readYaml(`${policy.id}.yaml`, manifests)], options({ vllm: releaseOf(policy) }));

function scaledObjectOf(manifests: string) {
  const [object] = readYaml("policy.yaml", manifests).objects;
  if (object === undefined) throw new Error("no object");
  return object;
}

/** Knative counts requests itself, whatever there are. */
const isOfKnative = (object: LintedObject): boolean =>
  object.annotation("serving.kserve.io/deploymentMode").text === "Serverless";

/** What a policy can ask for: of a formula no single trigger is the bound. */
function mostOf(object: LintedObject, policy: PublishedPolicy): number {
  const formula = formulaReachOf(object, releaseOf(policy));
  return formula?.replicas ?? Math.max(...reachesOf(object, releaseOf(policy)).map(({ reach }) => reach.replicas));
}

/** What each trigger can ask for at most, and so the policy: the HPA takes the highest. */
function reachText(policy: PublishedPolicy): string {
  const object = scaledObjectOf(policy.manifests);
  const max = maxReplicasOf(object);
  const reaches = reachesOf(object, releaseOf(policy));
  if (isOfKnative(object)) return `${max} of ${max}: by concurrent requests`;
  if (reaches.length === 0) return `**1 of ${max}**<br>no trigger is read`;
  const formula = formulaReachOf(object, releaseOf(policy));
  const each =
    formula === undefined
      ? reaches.map(({ metric, reach }) => `${metric.title}: ${reach.replicas}, ${reach.because}`)
      : [`formula over the triggers: ${formula.because}`];
  return [`**${mostOf(object, policy)} of ${max}**`, ...each].join("<br>");
}

function row(policy: PublishedPolicy): string {
  const rules = [...new Map(found(policy, policy.manifests).map(({ rule, severity }) => [rule, severity]))];
  const named = (wanted: string) =>
    rules
      .filter(([, severity]) => severity === wanted)
      .map(([rule]) => `[${rule}](rules/${rule}.md)`)
      .join(", ");
  return `| \`${policy.id}\`<br>${policy.source}<br>vLLM ${policy.vllmVersion} | ${policy.meant} | ${reachText(policy)} | ${named("error") || "none"} | ${named("warning") || "none"} |`;
}

const page = [
  "# Published policies, as the linter reads them",
  "",
  "Scaling policies of articles, documentation and public repositories for vLLM, each with the release of vLLM that it was written for, or one of that time. The most replicas",
  "that a trigger can ever ask for follows from its query, its threshold and what the HPA makes of both; a policy asks for the most that one of its triggers does.",
  "Objects have what scales of what was published; where only triggers were, the object around them says nothing else. Of a formula over the triggers, the most it can be",
  "follows from the most that each of them can be.",
  "",
  "prokube publishes the trigger on the KV cache of `prokube-throughput-production` a second time, in the README of its examples. What others scale by the sum of waiting requests alone",
  "can ask for all replicas, as `redhat-waiting` can. The guide behind `zero-without-waker-70b`, the plan and the notes are in repositories that are not named here; the queries are theirs.",
  "Of `waiting-by-deployments` the selector of the last query, if it has one, is not known here.",
  "",
  "| policy | what it is meant to do | most replicas it can ask for | errors | warnings |",
  "|---|---|---|---|---|",
  ...publishedPolicies.map(row),
  "",
  "## Repaired",
  "",
  "The same for the same release of vLLM, by which the linter finds nothing. Thresholds that depend on model and GPU are examples.",
  "",
  ...publishedPolicies.flatMap(({ id, repaired }) =>
    repaired === undefined ? [] : [`\`${id}-repaired\`:`, "", "```yaml", repaired.trimEnd(), "```", ""],
  ),
].join("\n");

// `npx vitest run --project unit test/unit/docs -u` writes the page anew.
describe("docs/published-policies.md", () => {
  it("is what the linter says", async () => {
    await expect(page).toMatchFileSnapshot(file);
  });

  it.each(publishedPolicies.filter(({ repaired }) => repaired !== undefined))(
    "$id-repaired: nothing is found, and it can ask for all replicas",
    (policy) => {
      const { repaired = "" } = policy;
      expect(found(policy, repaired)).toEqual([]);
      const object = scaledObjectOf(repaired);
      if (!isOfKnative(object)) expect(mostOf(object, policy)).toBe(maxReplicasOf(object));
    },
  );

  it("redhat-keda-repaired guards the median as a compiled policy does", () => {
    const { repaired = "" } = publishedPolicies.find(({ id }) => id === "redhat-keda") ?? {};
    const guard = triggerOf(
      compiled({
        ...standardInput,
        metrics: { namespace: "models", modelName: "llama-31-8b" },
        timing: { ...standardInput.timing, scrapeIntervalSeconds: 30 },
        versions: { ...standardInput.versions, vllm: "0.6.6" },
      }),
      "itl",
    );
    const { query = "", threshold } = guard.metadata;
    expect(query).toContain(
      'time_per_output_token_seconds_bucket{namespace="models",model_name="llama-31-8b",le="0.075"}',
    );
    const trigger = scaledObjectOf(repaired).get("spec", "triggers", 2);
    const texts = [["metadata", "query"], ["metadata", "threshold"], ["metricType"]].map(
      (path) => trigger.get(...path).text,
    );
    expect(texts).toEqual([query, threshold, "Value"]);
  });

  it.each([
    ["redhat-keda", [7, 0, 7]],
    ["prokube-throughput-production", [3, 2]],
    ["kserve-native-waiting", []],
    ["kserve-native-running", [5]],
    ["ai-on-openshift", []],
    ["cache-of-a-plan", [10, 1]],
    ["waiting-for-each-replica", [10, 2]],
    ["cache-in-percent", [4, 2]],
    ["zero-without-waker-70b", [8, 2]],
    ["cache-of-each-pod", [2]],
    ["waiting-by-deployments", [8, 2]],
  ])("%s: its triggers ask for at most %o", (id, replicas) => {
    const policy = publishedPolicies.find((each) => each.id === id);
    if (policy === undefined) throw new Error(id);
    const reaches = reachesOf(scaledObjectOf(policy.manifests), releaseOf(policy));
    expect(reaches.map(({ reach }) => reach.replicas)).toEqual(replicas);
  });

  it("llmd-slo-aware: its formula asks for at most 8 + ceil(8 * (2 / 0.55 - 1)) replicas", () => {
    const policy = publishedPolicies.find(({ id }) => id === "llmd-slo-aware");
    if (policy === undefined) throw new Error("no policy");
    expect(formulaReachOf(scaledObjectOf(policy.manifests), releaseOf(policy))).toEqual({
      replicas: 8,
      because: "with `saturation` of at most 2, `replicas` of at most 8 its value is at most 30",
    });
    // Half of the replicas that there are, and never more.
    const halved = policy.manifests.replace(/formula: >-\n.*\n/, "formula: replicas - floor(replicas * 0.5)\n");
    expect(formulaReachOf(scaledObjectOf(halved), releaseOf(policy))?.replicas).toBe(8);
    const capped = policy.manifests.replace(/formula: >-\n.*\n/, "formula: min(saturation, 1) * 3\n");
    expect(formulaReachOf(scaledObjectOf(capped), releaseOf(policy))?.replicas).toBe(3);
    const free = policy.manifests.replace(/formula: >-\n.*\n/, "formula: readyReplicas + 1\n");
    expect(formulaReachOf(scaledObjectOf(free), releaseOf(policy))).toEqual({
      replicas: 8,
      because: "nothing bounds its value",
    });
  });
});
