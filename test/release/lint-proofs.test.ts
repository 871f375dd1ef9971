import { afterAll, describe, expect, inject, it, vi } from "vitest";
import { fixed, lint, lintOptions, type Rule, readYaml, rules } from "vllm-serving/lint";
import { scaledObjectExample, selector } from "../../src/lint/rules/examples";
import { clientsOf } from "../sandbox/support/cluster";
import {
  cacheUsage,
  type FixedSeries,
  firstToken,
  idleLatency,
  medianLatency,
  requests,
} from "../sandbox/support/fixed-metrics";
import { objectsOf, ScalingScenes, type Scene, type SceneOptions } from "../sandbox/support/scaling-scene";
import { StrictValidation } from "../sandbox/support/strict-validation";
import { type ShownRule, shownInSandbox } from "../support/lint-proofs";

// They only wait for the cluster.
vi.setConfig({ maxConcurrency: Object.keys(shownInSandbox).length });

const sandbox = inject("sandbox");
const { core } = clientsOf(sandbox);
const scenes = new ScalingScenes(sandbox);
afterAll(() => scenes.end());

type Scenery = (text: string, recorded?: readonly FixedSeries[], options?: SceneOptions) => Promise<Scene>;

interface Proof {
  id: string;
  bad: string;
  good: string;
  /** Starts a workload that is scaled by a text, in a namespace of its own. */
  scene: Scenery;
  /** Numbers that the finding names, in the places of the groups. */
  numbers(expected: RegExp, text?: string): number[];
}

/** @throws Error where it is not in the text, so that no proof is about something else */
function changed(text: string, from: string, to: string): string {
  if (!text.includes(from)) throw new Error(`${from} is not in\n${text}`);
  return text.replace(from, to);
}

const proofs: Record<ShownRule, (proof: Proof) => Promise<void>> = {
  "intensive-average-value": async ({ bad, good, scene, numbers }) => {
    const [second = 0, most = 0, last = 0] = numbers(/asks for 2 above ([\d.]+).* and for (\d+) only above ([\d.]+),/);
    const cache = scaledObjectExample({
      trigger: "name: kv-cache",
      metadata: `query: avg(vllm:kv_cache_usage_perc${selector})\nthreshold: "0.6"\nignoreNullValues: "false"`,
    });
    const [ever = 0] = numbers(/never ask for more than (\d+)/, cache);
    const repaired = fixed(readYaml("cache.yaml", cache), lintOptions());
    expect(repaired.made).toBe(1);
    await Promise.all([
      settles(scene(bad, medianLatency(second - 1)), 1),
      settles(scene(bad, medianLatency(second + 1)), 2),
      settles(scene(bad, medianLatency(last - 3)), most - 1),
      settles(scene(bad, medianLatency(last + 3)), most),
      settles(scene(bad, medianLatency(140)), 3),
      settles(scene(good, medianLatency(140)), most),
      settles(scene(cache, cacheUsage(1)), ever),
      settles(scene(repaired.text, cacheUsage(1)), 7),
    ]);
  },
  "extensive-value": async ({ bad, good, scene, numbers }) => {
    const [value = 0, ofTwo = 0, ofFour = 0, needed = 0] = numbers(
      /value of (\d+) asks for (\d+) replicas when 2 are ready and for (\d+) when 4 are, where (\d+) are needed/,
    );
    const roomy = (text: string) => changed(text, "maxReplicaCount: 7", "maxReplicaCount: 16");
    const load = requests({ running: value });
    const [of2, of4] = await Promise.all([
      scene(roomy(bad), load, { replicas: 2 }),
      scene(roomy(bad), load, { replicas: 4 }),
      settles(scene(roomy(good), load, { replicas: 2 }), needed),
    ]);
    await Promise.all([of2.settlesAt(16), of4.settlesAt(16)]);
    expect([of2.steps, of4.steps]).toEqual([
      [2, ofTwo, 16],
      [4, ofFour],
    ]);
  },
  "threshold-out-of-range": async ({ bad, good, scene, numbers }) => {
    const [highest = 0] = numbers(/is at most (\d+)/);
    const inTolerance = changed(bad, '"85"', '"0.92"');
    expect(numbers(/is at most (\d+) and its threshold is ([\d.]+)/, inTolerance)).toEqual([highest, 0.92]);
    const inPercent = await scene(good, cacheUsage(highest));
    await Promise.all([
      settles(scene(bad, cacheUsage(highest)), 1),
      settles(scene(inTolerance, cacheUsage(highest)), 1),
      inPercent.settlesAt(7),
    ]);
    // ceil(replicas * 100 / 85)
    expect(inPercent.steps).toEqual([1, 2, 3, 4, 5, 6, 7]);
  },
  "outage-reads-as-idle": async ({ bad, good, scene, numbers }) => {
    const [min = 0] = numbers(/scales in to (\d+)/);
    const served = await scene(bad, requests({ running: 30 }));
    await served.settlesAt(6);
    const [blind, safe] = await Promise.all([served, scene(good, requests({ running: 30 }), { replicas: 6 })]);
    await Promise.all([blind.serve([]), safe.serve([])]);
    await Promise.all([blind.settlesAt(min), safe.settlesByFallbackAt(6)]);
  },
  "nan-when-idle": async ({ bad, good, scene }) => {
    await Promise.all([
      scene(bad, idleLatency(), { replicas: 3 }).then((idle) => idle.settlesByFallbackAt(3)),
      settles(scene(good, idleLatency(), { replicas: 3 }), 1),
    ]);
  },
  "fallback-scales-in": async ({ bad, good, scene, numbers }) => {
    const [most = 0, few = 0] = numbers(/With (\d+) replicas at work, a failing metric scales in to (\d+)/);
    await Promise.all([
      scene(bad, [], { replicas: most }).then((failing) => failing.settlesByFallbackAt(few)),
      scene(good, [], { replicas: most }).then((failing) => failing.settlesByFallbackAt(most)),
    ]);
  },
  "fallback-without-effect": async ({ bad, good, scene }) => {
    const withFour = (text: string) => changed(text, "  replicas: 1", "  replicas: 4");
    const [dropped, applied] = await Promise.all([
      scene(withFour(bad), [], { replicas: 2 }),
      scene(withFour(good), [], { replicas: 2 }),
    ]);
    await applied.settlesByFallbackAt(4);
    await dropped.settlesAt(2);
    expect(dropped.judgement).toBe("FailedGetExternalMetric");
  },
  "several-series": async ({ bad, good, scene }) => {
    const two = ["llama-0", "llama-1"].flatMap((pod) => requests({ running: 20, pod }));
    const [failing] = await Promise.all([
      scene(bad, two, { replicas: 2 }),
      settles(scene(bad, requests({ running: 15 })), 3),
      settles(scene(good, two, { replicas: 2 }), 7),
    ]);
    await failing.settlesByFallbackAt(2);
    const { items } = await core.listNamespacedEvent({ namespace: failing.namespace });
    expect(items.map(({ message }) => message).join("\n")).toContain("returned multiple elements");
  },
  "queue-alone": async ({ bad, good, scene }) => {
    const served = requests({ running: 30 });
    await Promise.all([
      settles(scene(bad, served, { replicas: 6 }), 1),
      settles(scene(good, served, { replicas: 6 }), 6),
    ]);
  },
  "min-replicas-unset": async ({ bad, good, scene }) => {
    await Promise.all([settles(scene(bad, requests({})), 0), settles(scene(good, requests({})), 1)]);
  },
  "threshold-loses-precision": async ({ bad, good, scene }) => {
    const [inSeconds, inMilliseconds] = await Promise.all([
      scene(bad, medianLatency(70.3)),
      scene(good, medianLatency(70.3)),
    ]);
    await Promise.all([inSeconds.settlesAt(1), inMilliseconds.settlesAt(1)]);
    expect([inSeconds.seenValue, inMilliseconds.seenValue]).toEqual(["70m", "70300m"]);
  },
  "formula-loses-the-maximum": async ({ bad, good, scene }) => {
    const load = [...requests({ running: 10 }), ...medianLatency(75)];
    await Promise.all([settles(scene(bad, load), 7), settles(scene(good, load), 2)]);
  },
  "polling-interval-without-effect": async ({ bad, good, scene }) => {
    const texts = [changed(bad, "pollingInterval: 5", "pollingInterval: 3600"), good];
    await Promise.all(
      texts.map(async (text) => {
        const followed = await scene(text, requests({ running: 15 }));
        await followed.settlesAt(3);
        await followed.serve(requests({ running: 30 }));
        await followed.settlesAt(6);
      }),
    );
  },
  "cooldown-period-without-effect": async ({ bad, good, scene }) => {
    const texts = [changed(bad, "cooldownPeriod: 10", "cooldownPeriod: 3600"), good];
    await Promise.all(texts.map((text) => settles(scene(text, requests({ running: 5 }), { replicas: 3 }), 1)));
  },
  "activation-threshold-without-effect": async ({ bad, good, scene }) => {
    const texts = [changed(bad, 'activationThreshold: "1"', 'activationThreshold: "1000"'), good];
    await Promise.all(texts.map((text) => settles(scene(text, requests({ running: 15 })), 3)));
  },
  "metric-type-in-metadata": async ({ bad, good, scene }) => {
    const multiplying = changed(bad, "metricType: AverageValue", "metricType: Value");
    const texts = [multiplying, good];
    await Promise.all(texts.map((text) => settles(scene(text, requests({ running: 15 }), { replicas: 2 }), 3)));
  },
  "no-scale-down-policy": async ({ bad, good, scene, numbers }) => {
    const [most = 0, few = 0] = numbers(/(\d+) replicas can become (\d+) in one step/);
    const options = { replicas: most, keepPolicies: true };
    const [free, limited] = await Promise.all([
      scene(bad, requests({ running: 3 }), options),
      scene(good, requests({ running: 3 }), options),
    ]);
    await Promise.all([free.settlesAt(few), limited.settlesAt(5)]);
    expect(free.steps).toEqual([most, few]);
  },
  "two-scalers": async ({ bad, good, scene }) => {
    const [both] = await Promise.all([
      scene(good, requests({ running: 5 })),
      settles(scene(good, requests({ running: 15 })), 3),
    ]);
    // Were the HPA there before KEDA's, the webhook would refuse the ScaledObject.
    await both.settlesAt(1);
    await both.add(bad, "HorizontalPodAutoscaler");
    // A new HPA is counted from its first period on.
    await both.isJudged("AmbiguousSelector");
    await both.serve(requests({ running: 15 }));
    await both.settlesAt(1);
    expect(both.judgement).toBe("AmbiguousSelector");
    const second = changed(good, "name: llama\n", "name: second\n");
    await expect(both.add(second, "ScaledObject")).rejects.toThrow("already managed by the");
  },
  "waiting-time-alone": async ({ bad, good, scene, numbers }) => {
    const [highest = 0, most = 0] = numbers(/The prefill stays: above ([\d.]+),.* keeps (\d+) replicas/);
    const load = (milliseconds: number) => [...requests({ running: 30 }), ...firstToken(milliseconds)];
    await Promise.all([
      settles(scene(bad, load(highest + 20)), most),
      settles(scene(bad, load(highest - 20)), 1),
      settles(scene(good, load(highest - 20)), 6),
    ]);
  },
  "utilization-of-prometheus": madeNoHpa,
  "threshold-unreadable": madeNoHpa,
  "bounds-contradict": async (proof) => {
    await refused(proof, /minReplicaCount must be less than or equal to maxReplicaCount/);
    const idle = changed(proof.good, "minReplicaCount: 1", "minReplicaCount: 1\n  idleReplicaCount: 1");
    await refused(
      { ...proof, id: "bounds-contradict", bad: idle },
      /IdleReplicaCount=1 must be less than MinReplicaCount=1/,
    );
  },
  "duplicate-trigger-name": (proof) => refused(proof, /in-flight/),
  "formula-without-names": (proof) => refused(proof, /requests/),
  "scaled-object-name-too-long": (proof) => refused(proof, /no more than 63 characters/),
};

async function settles(scene: Promise<Scene>, replicas: number): Promise<void> {
  await (await scene).settlesAt(replicas);
}

async function madeNoHpa({ bad, good, scene }: Proof): Promise<void> {
  const [without] = await Promise.all([
    scene(bad, requests({ running: 15 })),
    settles(scene(good, requests({ running: 15 })), 3),
  ]);
  await without.hasCondition("Ready", "False");
  expect(without.hasHpa).toBe(false);
}

let asked = 0;

async function refused({ bad, good, id, numbers }: Proof, reason: RegExp): Promise<void> {
  numbers(/./, bad);
  asked += 1;
  const name = `proof-${id}-refused-${asked}`;
  const validation = await StrictValidation.inNamespace(sandbox, name);
  const answers = await Promise.all([bad, good].map((text) => validation.refused(objectsOf(text, name))));
  expect(answers).toEqual([[expect.stringMatching(reason)], []]);
  await validation.end();
}

describe("the real KEDA, HPA and Prometheus", () => {
  it.concurrent.each(Object.entries(proofs))("show %s", async (id, prove) => {
    const { bad, good } = ruleOf(id);
    let started = 0;
    await prove({
      id,
      bad,
      good,
      scene: (text, recorded = [], options = {}) => {
        started += 1;
        return scenes.start(`proof-${id}-${started}`, text, recorded, options);
      },
      numbers: (expected, text = bad) => {
        const found = lint([readYaml("bad.yaml", text)], lintOptions()).filter(({ rule }) => rule === id);
        const match = expected.exec(found.map(({ message }) => message).join("\n"));
        if (match === null) throw new Error(`${id} does not say ${expected}: ${JSON.stringify(found)}`);
        return match.slice(1).map(Number);
      },
    });
  });
});

function ruleOf(id: string): Rule {
  const rule = rules.find((one) => one.id === id);
  if (rule === undefined) throw new Error(`There is no rule ${id}.`);
  return rule;
}
