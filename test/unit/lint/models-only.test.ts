import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { lint, readYaml } from "../../../src/lint";
import { options } from "./options";

const others = readFileSync(resolve(__dirname, "../../fixtures/lint/other-workloads.yaml"), "utf8");

function found(text: string): string[] {
  return lint([readYaml("objects.yaml", text)], options()).map(({ rule, path }) => `${rule} ${path}`);
}

/** One of the objects, alone, with a part replaced, and what stands beside it. */
function changed(name: string, part: string, by: string, beside = ""): string {
  const object = others.split("---\n").find((text) => text.includes(`\n  name: ${name}\n`));
  if (!object?.includes(part)) throw new Error(`${name} has no ${part}`);
  return `${object.replace(part, by)}${beside === "" ? "" : `---\n${beside}`}`;
}

const vllm = (container: string, name = "my-deployment") => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  namespace: default
spec:
  selector:
    matchLabels:
      app: model
  template:
    metadata:
      labels:
        app: model
    spec:
      serviceAccountName: build-robot
      containers:
        - name: server
${container.replace(/^/gm, "          ")}
      volumes:
        - name: weights
          persistentVolumeClaim:
            claimName: weights
`;

const claim = (volume: string) => `apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: weights
  namespace: default
spec:
  accessModes: [ReadOnlyMany]
  volumeName: ${volume}
  resources:
    requests:
      storage: 5Gi
`;

const served = vllm("image: vllm/vllm-openai:v0.30.0\nargs: [--max-model-len=8192]");
const cron = ["no-scale-down-policy ScaledObject default/cron-scaledobject: "];
const cronPath = "spec.advanced.horizontalPodAutoscalerConfig.behavior.scaleDown";

it("objects of other workloads give no finding", () => {
  expect(found(others)).toEqual([]);
});

describe("the same object is judged where it is a model's", () => {
  const withoutPolicy = [
    "max-replicas-unset ScaledObject default/cron-scaledobject: spec.maxReplicaCount",
    `${cron[0]}${cronPath}`,
  ];

  it.each([
    ["an image of vLLM", served],
    [
      "vllm serve",
      vllm("image: registry.example.com/serving:1\ncommand: [vllm, serve, /models/llama, --max-model-len=8192]"),
    ],
    [
      "vllm serve in a shell",
      vllm('image: registry.example.com/serving:1\ncommand: [sh, -c, "exec vllm serve /models/llama"]'),
    ],
    ["arguments of a model server", vllm("image: registry.example.com/serving:1\nargs: [--served-model-name=llama]")],
    [
      "an image with vLLM in its name, and a model",
      vllm("image: quay.io/modh/vllm:rhoai-2.20\nargs: [--model=/mnt/models, --max-model-len=8192]"),
    ],
  ])("a target with %s", (_, workload) => {
    expect(found(changed("cron-scaledobject", "minReplicaCount: 0", "minReplicaCount: 0", workload))).toEqual(
      withoutPolicy,
    );
  });

  it.each([
    "image: vllm/vllm-router:v0.1.0",
    "image: example.com/vllm:1",
    "image: tensorflow/tensorflow:2\nargs: [--model=x]",
  ])("and not with %s", (container) => {
    expect(found(changed("cron-scaledobject", "desired", "desired", vllm(container)))).toEqual([]);
  });

  it("a target that KServe makes, and a query of vLLM's metrics", () => {
    const ofKServe = found(changed("cron-scaledobject", "my-deployment", "llama-predictor"));
    expect(ofKServe).toEqual(withoutPolicy);
    const byQuery = found(
      changed(
        "shop-by-requests",
        'http_requests_total{deployment="front"}',
        'vllm:request_success_total{namespace="shop"}',
      ),
    );
    expect(byQuery.map((text) => text.split(" ")[0])).toContain("min-replicas-unset");
  });

  it("a volume that it mounts, a token of its account, and its namespace", () => {
    expect(found(changed("backup", "soft", "soft", `${claim("backup")}---\n${served}`))).toEqual([
      "nfs-mount-options PersistentVolume backup: spec.mountOptions[0]",
    ]);
    expect(found(changed("iso", "iso", "iso", `${claim("iso")}---\n${served}`))).toEqual([
      "read-only-volume-is-writable PersistentVolume iso: spec.accessModes",
    ]);
    expect(found(changed("build-robot-secret", "build-robot", "build-robot", served))).toEqual([
      "long-lived-token Secret default/build-robot-secret: type",
    ]);
    expect(found(changed("gpu-operator", "name: gpu-operator", "name: default", served))).toEqual([
      'workload-in-platform-monitoring Namespace default: metadata.labels["openshift.io/cluster-monitoring"]',
    ]);
  });
});
