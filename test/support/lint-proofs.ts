/** The test that has a proof for each of them. */
export const proofsFile = "test/release/lint-proofs.test.ts";

/** What the real KEDA, HPA and Prometheus are seen to do with the examples of a rule, by its id. The pages of the rules say so. */
export const shownInSandbox = {
  "activation-threshold-without-effect":
    "15 requests make 3 replicas, also with an activation threshold of 1000 and a minimum of 1",
  "bounds-contradict":
    "the API server refuses a minimum above the maximum, and KEDA an idle count that is not below the minimum",
  "cooldown-period-without-effect": "3 replicas become 1 at once, also with a cooldown of an hour and a minimum of 1",
  "duplicate-trigger-name": "KEDA's webhook refuses two triggers of one name",
  "extensive-value": "a sum of 20 makes 8 replicas of 2, then 16 of 8; averaged over them, it makes 4",
  "fallback-scales-in":
    "without the metric, 7 replicas become the fallback's 1, and stay 7 by `currentReplicasIfHigher`",
  "fallback-without-effect":
    "without the metric, 2 replicas become the fallback's 4 with a whole target, and stay 2 with a fraction",
  "formula-loses-the-maximum":
    "10 requests and a latency 1.1 times its threshold make 7 replicas; the requests alone make 2",
  "formula-without-names": "KEDA's webhook refuses a formula of triggers without names",
  "intensive-average-value":
    "latency and KV cache usage make as many replicas as the finding says at the values it says, and all 7 with `Value`",
  "metric-type-in-metadata": "15 requests make 3 replicas, though `metadata` says `Value`",
  "min-replicas-unset": "without requests the last replica goes, and stays with a minimum of 1",
  "nan-when-idle": "3 idle replicas stay 3, and become 1 where the query gives 0",
  "no-scale-down-policy": "7 replicas become 1 in one step, and 5 with the policy of 25 %",
  "outage-reads-as-idle":
    "without the metric, 6 replicas become 1, and stay 6 with `ignoreNullValues` and the fallback",
  "polling-interval-without-effect":
    "replicas follow the requests from 3 to 6, also with an interval of an hour and a minimum of 1",
  "queue-alone": "with 30 requests running and none waiting, 6 replicas become 1, and stay 6 by both together",
  "scaled-object-name-too-long": "KEDA's webhook refuses the name",
  "several-series": "one pod with 15 requests makes 3 replicas; with two pods KEDA refuses both, and 2 replicas stay 2",
  "threshold-loses-precision":
    "the HPA sees 70.3 ms as 70 where seconds are measured, and as 70.3 where milliseconds are",
  "threshold-out-of-range":
    "a full KV cache makes no second replica with a threshold of 85, nor with one within the tolerance, and does so in percent",
  "threshold-unreadable": "KEDA makes no HPA",
  "two-scalers":
    "neither scales: 15 requests leave 1 replica, and make 3 without the second HPA; a further ScaledObject is refused",
  "utilization-of-prometheus": "KEDA makes no HPA",
  "waiting-time-alone":
    "a time to first token that does not fall, a little above the threshold and its tolerance, makes 7 replicas; a little below them, with 30 requests running, it leaves 1, and 6 with the requests beside it",
} as const satisfies Record<string, string>;

export type ShownRule = keyof typeof shownInSandbox;
