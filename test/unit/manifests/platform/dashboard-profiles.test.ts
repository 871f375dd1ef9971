import { describe, expect, test } from "vitest";
import { dashboardProfiles, openDataHubProblems } from "../../../../src/manifests/platform/openshift/open-data-hub";

const labels = { "app.kubernetes.io/part-of": "vllm-serving" };
const tolerations = [{ key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" }];

describe("a profile", () => {
  test("is a HardwareProfile from version 3 on, in the namespace that the dashboard looks in", () => {
    const profile = {
      name: "l4",
      displayName: "NVIDIA L4",
      maxGpus: 2,
      cpu: { min: "2", proposed: "4", max: "8" },
      memory: { min: "8Gi" },
      nodeSelector: { "nvidia.com/gpu.product": "NVIDIA-L4" },
    };
    expect(dashboardProfiles({ productVersion: "3.3.0", profiles: [profile] })).toStrictEqual([
      {
        apiVersion: "infrastructure.opendatahub.io/v1",
        kind: "HardwareProfile",
        metadata: {
          name: "l4",
          namespace: "redhat-ods-applications",
          labels,
          annotations: {
            "opendatahub.io/display-name": "NVIDIA L4",
            "opendatahub.io/disabled": "false",
            "opendatahub.io/dashboard-feature-visibility": '["model-serving"]',
          },
        },
        spec: {
          identifiers: [
            {
              displayName: "CPU",
              identifier: "cpu",
              resourceType: "CPU",
              minCount: "2",
              defaultCount: "4",
              maxCount: "8",
            },
            {
              displayName: "Memory",
              identifier: "memory",
              resourceType: "Memory",
              minCount: "8Gi",
              defaultCount: "8Gi",
            },
            {
              displayName: "GPU",
              identifier: "nvidia.com/gpu",
              resourceType: "Accelerator",
              minCount: 1,
              defaultCount: 1,
              maxCount: 2,
            },
          ],
          scheduling: { type: "Node", node: { nodeSelector: profile.nodeSelector, tolerations } },
        },
      },
    ]);
  });

  test("is an AcceleratorProfile before, and a HardwareProfile of that generation where asked for", () => {
    const [accelerator, hardware] = dashboardProfiles({
      productVersion: "2.22.0",
      profiles: [{ name: "gpu" }, { name: "l4", kind: "HardwareProfile", namespace: "llm" }],
    });
    expect(accelerator).toStrictEqual({
      apiVersion: "dashboard.opendatahub.io/v1",
      kind: "AcceleratorProfile",
      metadata: { name: "gpu", namespace: "redhat-ods-applications", labels },
      spec: { displayName: "gpu", enabled: true, identifier: "nvidia.com/gpu", tolerations },
    });
    expect(hardware).toMatchObject({
      apiVersion: "infrastructure.opendatahub.io/v1alpha1",
      metadata: { name: "l4", namespace: "llm" },
    });
  });
});

test.each<[string, Parameters<typeof openDataHubProblems>[1], string[]]>([
  [
    "an AcceleratorProfile of version 3, and one name twice",
    { productVersion: "3.3.0", profiles: [{ name: "l4", kind: "AcceleratorProfile" }, { name: "l4" }] },
    [
      'kserve.profiles[0].kind: is "AcceleratorProfile", which ended with version 2 of OpenShift AI. Leave it out.',
      "kserve.profiles[1].name: is that of kserve.profiles[0] too: give each its own.",
    ],
  ],
  [
    "what an AcceleratorProfile does not say",
    {
      productVersion: "2.22.0",
      profiles: [{ name: "gpu", maxGpus: 0, nodeSelector: {}, tolerations: [{ operator: "Exists" }] }],
    },
    [
      "kserve.profiles[0].maxGpus: is 0; it must be a whole number of at least 1.",
      'kserve.profiles[0].maxGpus: is not said by an AcceleratorProfile. Leave it out, or take the kind "HardwareProfile", from version 2.22 on.',
      'kserve.profiles[0].nodeSelector: is not said by an AcceleratorProfile. Leave it out, or take the kind "HardwareProfile", from version 2.22 on.',
      "kserve.profiles[0].tolerations[0].key: is missing, and an AcceleratorProfile needs one.",
    ],
  ],
  [
    "profiles that nothing reads",
    { mode: "none", profiles: [{ name: "gpu" }] },
    ['kserve.profiles: is given, but with mode "none" nothing would read them.'],
  ],
])("%s is refused", (_, given, problems) => {
  const found = openDataHubProblems("openshift", given, "kserve.");
  expect(found.map(({ path, message }) => `${path}: ${message}`)).toEqual(problems);
});

test("on Kubernetes there is no dashboard", () => {
  expect(openDataHubProblems("kubernetes", { profiles: [] }, "kserve.")).toEqual([
    { path: "kserve.profiles", message: "is given, but it is OpenShift's: leave it out." },
  ]);
});
