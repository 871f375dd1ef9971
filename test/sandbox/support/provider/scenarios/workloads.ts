import type { Scenario } from "../scenario";
import { looksAt, patches, waitsFor } from "./cluster";
import { daemonSet, deployment, inNamespace, secret } from "./objects";

const target = { apiVersion: "apps/v1", kind: "Deployment" };
const noNode = { nodeSelector: { no: "node" } };
const tooLarge = { containers: [{ name: "c", image: "registry.test/i", resources: { requests: { cpu: "1000" } } }] };

/** What runs pods, and what waits for them. */
export const workloadScenarios: Scenario[] = [
  {
    name: "deployment",
    type: "apps/v1:Deployment",
    steps: [
      { do: "up", program: deployment(inNamespace("deployment"), {}, { replicas: 2 }), timeoutSeconds: 120 },
      { do: "up", program: deployment(inNamespace("deployment"), {}, { replicas: 2 }) },
      { do: "refresh" },
      { do: "compare", program: deployment(inNamespace("deployment"), {}, { replicas: 2 }) },
      {
        do: "up",
        program: deployment(inNamespace("deployment"), { terminationGracePeriodSeconds: 5 }, { replicas: 2 }),
        timeoutSeconds: 120,
      },
      {
        do: "compare",
        program: deployment(inNamespace("deployment"), {}, { selector: { matchLabels: { app: "x" } } }),
      },
      { do: "destroy", timeoutSeconds: 120 },
    ],
  },
  {
    name: "deployment-scaled-by-others",
    type: "apps/v1:Deployment",
    steps: [
      {
        do: "up",
        program: deployment(inNamespace("deployment-scaled-by-others"), {}, { replicas: 1 }),
        timeoutSeconds: 120,
      },
      {
        do: "outside",
        what: "scaled by others",
        act: patches(
          target,
          { spec: { replicas: 3 }, metadata: { annotations: { theirs: "1" } } },
          "kube-controller-manager",
        ),
      },
      { do: "compare", program: deployment(inNamespace("deployment-scaled-by-others"), {}, { replicas: 1 }) },
      { do: "outside", what: "rolled out", act: waitsFor(target, ["status", "readyReplicas"], "3") },
      { do: "refresh" },
      { do: "compare", program: deployment(inNamespace("deployment-scaled-by-others"), {}, { replicas: 1 }) },
      {
        do: "compare",
        program: deployment(inNamespace("deployment-scaled-by-others"), {}, { replicas: 1 }),
        ignoreChanges: ["spec.replicas"],
      },
      {
        do: "up",
        program: deployment(
          inNamespace("deployment-scaled-by-others"),
          { terminationGracePeriodSeconds: 5 },
          { replicas: 1 },
        ),
        ignoreChanges: ["spec.replicas"],
        timeoutSeconds: 120,
      },
      { do: "outside", what: "replicas", act: looksAt(target, "spec", "replicas") },
      { do: "destroy", timeoutSeconds: 120 },
    ],
  },
  {
    name: "deployment-written-differently",
    type: "apps/v1:Deployment",
    steps: [
      { do: "up", program: written("1000m", "1024Mi", 8080, 0), timeoutSeconds: 60 },
      { do: "compare", program: written("1", "1Gi", 8080, 0) },
      { do: "compare", program: written("1.5", "0.5Gi", 8080, 0) },
    ],
  },
  {
    name: "deployment-with-secret",
    type: "apps/v1:Deployment",
    steps: [
      { do: "up", program: withToken("deployment-with-secret", "hunter2") },
      { do: "compare", program: withToken("deployment-with-secret", "hunter3") },
      { do: "refresh" },
    ],
  },
  {
    name: "deployment-stuck",
    type: "apps/v1:Deployment",
    steps: [
      { do: "up", program: deployment(inNamespace("deployment-stuck"), noNode), timeoutSeconds: 8 },
      { do: "refresh" },
      { do: "up", program: deployment(inNamespace("deployment-stuck")), timeoutSeconds: 120 },
      { do: "destroy", timeoutSeconds: 120 },
    ],
  },
  {
    name: "deployment-not-awaited",
    type: "apps/v1:Deployment",
    steps: [
      {
        do: "up",
        program: deployment(
          inNamespace("deployment-not-awaited", { annotations: { "pulumi.com/skipAwait": "true" } }),
          noNode,
        ),
      },
      { do: "refresh" },
      { do: "destroy", timeoutSeconds: 60 },
    ],
  },
  {
    name: "deployment-awaited-otherwise",
    type: "apps/v1:Deployment",
    steps: [
      {
        do: "up",
        program: deployment(
          inNamespace("deployment-awaited-otherwise", {
            annotations: { "pulumi.com/waitFor": "condition=Available=False" },
          }),
          noNode,
        ),
        timeoutSeconds: 60,
      },
    ],
  },
  {
    name: "deployment-orphaned",
    type: "apps/v1:Deployment",
    steps: [
      {
        do: "up",
        program: deployment(
          inNamespace("deployment-orphaned", {
            annotations: { "pulumi.com/deletionPropagationPolicy": "orphan" },
          }),
          {},
          { replicas: 0 },
        ),
      },
      { do: "destroy", timeoutSeconds: 60 },
    ],
  },
  {
    name: "deployment-invalid",
    type: "apps/v1:Deployment",
    steps: [
      { do: "preview", program: deployment(inNamespace("deployment-invalid"), {}, { replicas: "many" }) },
      { do: "preview", program: deployment(inNamespace("deployment-invalid"), { containers: [{ name: "c" }] }) },
      { do: "preview", program: deployment(inNamespace("deployment-invalid"), {}, { replica: 1 }) },
      { do: "up", program: deployment(inNamespace("deployment-invalid"), { containers: [] }) },
    ],
  },
  {
    name: "daemon-set",
    type: "apps/v1:DaemonSet",
    steps: [
      { do: "up", program: daemonSet(inNamespace("daemon-set")), timeoutSeconds: 120 },
      { do: "up", program: daemonSet(inNamespace("daemon-set")) },
      { do: "refresh" },
      {
        do: "up",
        program: daemonSet(inNamespace("daemon-set"), { terminationGracePeriodSeconds: 5 }),
        timeoutSeconds: 120,
      },
      { do: "compare", program: daemonSet(inNamespace("daemon-set"), {}, { selector: { matchLabels: { app: "x" } } }) },
      { do: "destroy", timeoutSeconds: 60 },
    ],
  },
  {
    name: "daemon-set-without-nodes",
    type: "apps/v1:DaemonSet",
    steps: [{ do: "up", program: daemonSet(inNamespace("daemon-set-without-nodes"), noNode), timeoutSeconds: 60 }],
  },
  {
    name: "daemon-set-stuck",
    type: "apps/v1:DaemonSet",
    steps: [
      { do: "up", program: daemonSet(inNamespace("daemon-set-stuck"), tooLarge), timeoutSeconds: 4 },
      { do: "refresh" },
      { do: "up", program: daemonSet(inNamespace("daemon-set-stuck"), tooLarge), timeoutSeconds: 4 },
      { do: "up", program: daemonSet(inNamespace("daemon-set-stuck")), timeoutSeconds: 120 },
      { do: "destroy", timeoutSeconds: 60 },
    ],
  },
];

function written(cpu: string, memory: string, port: number, graceSeconds: number) {
  const resources = { requests: { cpu, memory }, limits: { "nvidia.com/gpu": 0, memory } };
  const probe = { httpGet: { path: "/", port }, initialDelaySeconds: 0 };
  return deployment(
    inNamespace("deployment-written-differently", { labels: {}, annotations: { "pulumi.com/skipAwait": "true" } }),
    {
      terminationGracePeriodSeconds: graceSeconds,
      hostNetwork: false,
      nodeSelector: null,
      tolerations: [],
      volumes: [{ name: "v", emptyDir: { sizeLimit: "2048Mi" } }],
      containers: [
        { name: "c", image: "registry.test/i", resources, readinessProbe: probe, env: [{ name: "EMPTY", value: "" }] },
      ],
    },
    { replicas: 0 },
  );
}

function withToken(scenario: string, token: string) {
  const env = [
    { name: "OPEN", value: "open" },
    { name: "TOKEN", value: secret(token) },
  ];
  return deployment(
    inNamespace(scenario),
    { containers: [{ name: "c", image: "registry.test/i", env }] },
    { replicas: 0 },
  );
}
