import { describe, expect, it } from "vitest";
import { removalTimes } from "../../../../packages/sandbox/src/cluster/removal";
import { vllmPod } from "./support";

const second = 1000;
const killAt = Date.parse("2026-01-01T00:01:00Z");

function removedPod(graceSeconds: number, preStopSeconds?: number) {
  const lifecycle =
    preStopSeconds === undefined ? {} : { lifecycle: { preStop: { sleep: { seconds: preStopSeconds } } } };
  return vllmPod("p", {
    metadata: { deletionTimestamp: new Date(killAt), deletionGracePeriodSeconds: graceSeconds },
    spec: { containers: [{ name: "c", image: "vllm", ...lifecycle }] },
  });
}

describe("removalTimes", () => {
  it("is nothing for a pod that stays", () => {
    expect(removalTimes(vllmPod())).toBeUndefined();
  });

  it.each([
    { graceSeconds: 40, preStopSeconds: 15, terminatesBeforeKill: 25 },
    { graceSeconds: 40, preStopSeconds: undefined, terminatesBeforeKill: 40 },
    { graceSeconds: 10, preStopSeconds: 15, terminatesBeforeKill: 0 },
    { graceSeconds: 0, preStopSeconds: 15, terminatesBeforeKill: 0 },
  ])(
    "with $graceSeconds s of grace and a preStop of $preStopSeconds s",
    ({ graceSeconds, preStopSeconds, terminatesBeforeKill }) => {
      expect(removalTimes(removedPod(graceSeconds, preStopSeconds))).toEqual({
        terminateAt: killAt - terminatesBeforeKill * second,
        killAt,
      });
    },
  );
});
