import { deriveBehavior, rateWindowSeconds } from "../policy/timing";
import { Role, standardLabels } from "./labels";
import { fitName } from "./naming";
import { timingOf } from "./scaled-object";
import { replicaRange } from "./scaling";
import type { ServedModelOptions } from "./served-model-options";
import { workload } from "./workload";

/** A HorizontalPodAutoscaler of our own, with the windows that a ScaledObject would have. */
export function horizontalPodAutoscaler<S>(name: string, options: ServedModelOptions<S>) {
  const { min, max } = replicaRange(options);
  const { hpa } = options.scaling ?? {};
  const timing = timingOf(options);
  return {
    apiVersion: "autoscaling/v2" as const,
    kind: "HorizontalPodAutoscaler" as const,
    metadata: {
      name: fitName(name),
      namespace: options.namespace,
      labels: standardLabels(name, Role.Autoscaler),
      // KEDA takes no ScaledObject beside an autoscaler of somebody else. This one is gone at the end of the update that makes one.
      annotations: { "validations.keda.sh/hpa-ownership": "false" },
    },
    spec: {
      scaleTargetRef: {
        apiVersion: "apps/v1",
        kind: "Deployment",
        name: workload(name, options.backend).deploymentName,
      },
      minReplicas: min ?? 1,
      maxReplicas: max,
      metrics: [
        {
          type: "Resource",
          resource: {
            name: hpa?.metric ?? "cpu",
            target: { type: "Utilization", averageUtilization: hpa?.targetPercent ?? 0 },
          },
        },
      ],
      behavior: deriveBehavior(timing, rateWindowSeconds(timing, "tokens")).behavior,
    },
  };
}
