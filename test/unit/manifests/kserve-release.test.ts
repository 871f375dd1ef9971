import { expect, test } from "vitest";
import { waitForAnnotation } from "../../../src/manifests/inference-service";
import { kserveRelease, kserveVersionProblems } from "../../../src/manifests/kserve-release";

const ready = '["condition=Ready"]';
const replicaReady = '["condition=Ready","jsonpath={.status.modelStatus.copies.totalCopies}"]';

test.each([
  { version: "0.15.0", mode: "RawDeployment", waitFor: ready },
  { version: "0.15.2", mode: "RawDeployment", waitFor: ready },
  { version: "0.16.0", mode: "Standard", waitFor: ready },
  { version: "0.17.0", mode: "Standard", waitFor: ready },
  { version: "v0.20.0", mode: "Standard", waitFor: replicaReady },
  { version: "1.0.0", mode: "Standard", waitFor: replicaReady },
])("KServe $version calls it $mode (trap 49)", ({ version, mode, waitFor }) => {
  const release = kserveRelease(version);
  expect(release.deploymentMode).toBe(mode);
  expect(waitForAnnotation(release, {})).toBe(waitFor);
  expect(waitForAnnotation(release, { mayHaveNoReplica: true })).toBe(ready);
  expect(kserveVersionProblems("version", version)).toEqual([]);
});

test.each(["0.14.1", "0.1.0"])("KServe %s is too old", (version) => {
  expect(kserveVersionProblems("kserve.version", version)).toEqual([
    {
      path: "kserve.version",
      message: `is ${version}; the oldest one supported is 0.15.0. Update KServe, or take the backend "deployment".`,
    },
  ]);
});
