import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, inject, it } from "vitest";
import { stringify } from "yaml";
import { type FixedSeries, requests } from "../sandbox/support/fixed-metrics";
import { ScalingScenes, type Scene } from "../sandbox/support/scaling-scene";
import { compiled, standardInput } from "../unit/policy/policy-inputs";

const sandbox = inject("sandbox");
const scenes = new ScalingScenes(sandbox);
afterAll(() => scenes.end());

/** What a replica is asked to carry, and the most of them. */
const [target, most] = [5, 8];
/** Of a replica, and so what the trend looks ahead. */
const startupSeconds = 60;

/** The policy of a model that starts in a minute, with and without a trend. */
function policy(trend: boolean): string {
  const { scaledObject, targetConcurrency } = compiled({
    ...standardInput,
    scaleTargetRef: { name: "llama-predictor" },
    metrics: { namespace: "models", modelName: "llama" },
    capacity: { concurrencyPerReplica: target / 0.8 },
    replicas: { min: 1, max: most },
    timing: { startupSeconds, longestGenerationSeconds: 15, scrapeIntervalSeconds: 1 },
    ...(trend ? { trend: {} } : {}),
  });
  expect(targetConcurrency).toBe(target);
  return stringify(scaledObject);
}

/** Requests that rise from none at the beginning to as many as all replicas are asked to carry, one every six seconds, and stay. */
function rise(begin: number): FixedSeries[] {
  const rising = `clamp(vector(time() - ${begin}), 0, ${6 * target * most}) / 6`;
  return requests({}).map((series) => (series.metric.endsWith("running") ? { ...series, value: rising } : series));
}

const replicasOf = ({ steps }: Scene): number => steps.at(-1) ?? 0;

it("a rising load is scaled earlier with a trend than without, to the same replicas, and back to the same", async () => {
  const none = requests({});
  const both = await Promise.all([
    scenes.start("trend-none", policy(false), none, { keepPolicies: true }),
    scenes.start("trend-ahead", policy(true), none, { keepPolicies: true }),
  ]);
  const [plain, ahead] = both;
  await Promise.all(both.map((scene) => scene.isJudged("ValidMetricFound")));
  expect(both.map(replicasOf)).toEqual([1, 1]);

  const begin = Math.ceil(Date.now() / 1000) + 10;
  await Promise.all(both.map((scene) => scene.serve(rise(begin))));
  /** Replicas of the other one when the trend first asked for so many. */
  const then = new Map<number, number>();
  const seconds = new Map<string, number>();
  for (let lowest = 1; lowest < most; await sleep(500)) {
    const now = Date.now() / 1000 - begin;
    const counts = { plain: replicasOf(plain), ahead: replicasOf(ahead) };
    lowest = Math.min(counts.plain, counts.ahead);
    if (now > 900) throw new Error(`no ${most} replicas: ${both.map(({ steps }) => steps.join(", ")).join("; ")}`);
    for (let count = 2; count <= counts.ahead; count++) {
      if (!then.has(count)) then.set(count, counts.plain);
    }
    for (const [name, count] of Object.entries(counts)) {
      const key = `${name} ${count}`;
      if (!seconds.has(key)) seconds.set(key, Math.round(now));
    }
  }
  console.log(`Seconds of the rise until so many replicas were asked for: ${JSON.stringify([...seconds])}.`);
  // Where the line has seen enough of the rise it is a start ahead; at its beginning it is not.
  for (let count = 5; count <= most; count++) expect(then.get(count)).toBeLessThan(count);

  await Promise.all(both.map((scene) => scene.serve(none)));
  await Promise.all(both.map((scene) => scene.settlesAt(1)));
}, 1_500_000);
