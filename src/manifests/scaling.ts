import { coldStartProblems } from "../policy/cold-start";
import type { Problem } from "../policy/policy-input";
import type { Slo } from "../policy/slo";
import { httpAddOnProblems } from "./http-add-on";
import { fitName } from "./naming";
import type { PlatformReference } from "./platform-reference";
import {
  HttpRouteKind,
  type HttpScaling,
  KnativeMetric,
  type ModelKnativeScaling,
  type Scaling,
} from "./scaling-options";
import { hpaProblems, knativeProblems, kserveKedaProblems, replicaProblems } from "./scaling-problems";
import type { ExtraTrigger, Load, ReplicaRange, SaturationAlert, Trend, ZeroReplicas } from "./slo-autoscaler-options";
import { startupSeconds } from "./start-up";
import { cutRequestProblems } from "./timeouts";
import type { VllmServerSettings } from "./vllm-server-options";

/** What is said about scaling a model. */
export interface ScalingSettings extends VllmServerSettings {
  scaling?: Scaling | undefined;
  replicas: ReplicaRange;
  extraTriggers?: ExtraTrigger[] | undefined;
  saturationAlert?: SaturationAlert | undefined;
  trend?: Trend | undefined;
  slo?: Slo | undefined;
  load?: Load | undefined;
  prometheusTriggerAuthentication?: string | undefined;
}

/** The ways to scale a model, by their block. */
export const Strategy = {
  ScaledObject: "scaledObject",
  Http: "http",
  Knative: "knative",
  KServeKeda: "kserveKeda",
  Hpa: "hpa",
} as const;
export type Strategy = (typeof Strategy)[keyof typeof Strategy];

/** The strategy that is asked for; of several, which is an error, the first. */
export function strategyOf({ scaling = {} }: Pick<ScalingSettings, "scaling">): Strategy {
  return Object.values(Strategy).find((strategy) => scaling[strategy] !== undefined) ?? Strategy.ScaledObject;
}

/** Whether figures are derived from an objective and a capacity. */
export function needsPolicy({ scaling = {} }: Pick<ScalingSettings, "scaling">): boolean {
  const { knative, kserveKeda, hpa } = scaling;
  if (knative !== undefined) {
    return knative.target === undefined && (knative.metric ?? KnativeMetric.Concurrency) === KnativeMetric.Concurrency;
  }
  return kserveKeda === undefined ? hpa === undefined : kserveKeda.triggers === undefined;
}

/** Bounds of the replicas, with the default of the strategy. */
export function replicaRange({ scaling, replicas }: ScalingSettings): ReplicaRange {
  return { min: replicas.min ?? (scaling?.http === undefined ? 1 : 0), max: replicas.max };
}

/** What starts the first replica of the model called `name`, if it may have none. */
export function zeroReplicas(name: string, { scaling }: ScalingSettings): ZeroReplicas | undefined {
  const { http, scaledObject } = scaling ?? {};
  if (http !== undefined) {
    const route = http.kind === HttpRouteKind.HttpScaledObject ? "httpScaledObject" : "interceptorRoute";
    const { cooldownSeconds, acceptColdStart } = http;
    return { [route]: fitName(name), cooldownSeconds, acceptColdStart };
  }
  return scaledObject?.wokenElsewhere === true
    ? {
        wokenElsewhere: true,
        cooldownSeconds: scaledObject.cooldownSeconds,
        acceptColdStart: scaledObject.acceptColdStart,
      }
    : undefined;
}

/** Whether the model can be found without a replica, so that nothing may wait for one. */
export function mayHaveNoReplica(settings: ScalingSettings): boolean {
  return replicaRange(settings).min === 0;
}

/** What is wrong with the strategy, by itself and on the platform. */
export function scalingProblems(settings: ScalingSettings, platform: PlatformReference): Problem[] {
  const { scaling = {} } = settings;
  const given = Object.entries(scaling).flatMap(([block, value]) => (value === undefined ? [] : [block]));
  if (given.length > 1) {
    return [
      { path: "scaling", message: `has ${given.join(" and ")}, but one thing alone may scale a model. Keep one.` },
    ];
  }
  const { http, knative, kserveKeda, hpa } = scaling;
  return [
    ...(settings.scaling !== undefined && Object.keys(settings.scaling).length === 0
      ? [
          {
            path: "scaling",
            message: `is empty; name what scales the model, one of ${Object.values(Strategy).join(", ")}, or leave it out for a ScaledObject.`,
          },
        ]
      : []),
    ...zeroProblems(settings),
    ...(http === undefined ? [] : httpProblems(http, settings, platform)),
    ...(knative === undefined ? [] : knativeProblems(knative, settings, platform)),
    ...(kserveKeda === undefined ? [] : kserveKedaProblems(kserveKeda, settings, platform)),
    ...(hpa === undefined ? [] : hpaProblems(hpa, settings)),
    ...(needsPolicy(settings) ? [] : replicaProblems(settings)),
    ...trendProblems(settings),
    ...loadProblems(settings),
    ...(knative === undefined ? [] : knativeZeroProblems(knative, settings)),
  ];
}

/** The load is checked against what a replica carries within the objective. */
function loadProblems(settings: ScalingSettings): Problem[] {
  const strategy = strategyOf(settings);
  if (settings.load !== undefined && !needsPolicy(settings)) {
    return [
      {
        path: "load",
        message: `is checked against what a replica carries, which is derived from slo and capacity, and that is not done with scaling.${strategy} as it is here. Leave it out.`,
      },
    ];
  }
  return settings.load?.burst !== undefined && strategy === Strategy.Knative
    ? [
        {
          path: "load.burst",
          message:
            "is checked by the time that the HorizontalPodAutoscaler takes, and scaling.knative scales without one. Leave it out.",
        },
      ]
    : [];
}

/** Knative's own way to zero and back. */
function knativeZeroProblems({ acceptColdStart }: ModelKnativeScaling, settings: ScalingSettings): Problem[] {
  const path = "scaling.knative.acceptColdStart";
  if (settings.replicas.min !== 0) {
    return acceptColdStart === undefined
      ? []
      : [{ path, message: "has no effect with at least one replica. Leave it out, or let replicas.min be 0." }];
  }
  return acceptColdStart === true ? [] : coldStartProblems(path, settings.slo ?? {}, startupSeconds(settings.startup));
}

/** A forecast is compared with what a replica carries, by a trigger on what vLLM counts. */
function trendProblems(settings: ScalingSettings): Problem[] {
  const strategy = strategyOf(settings);
  const [byKnative, compiled] = [strategy === Strategy.Knative, needsPolicy(settings)];
  return settings.trend === undefined || (compiled && !byKnative)
    ? []
    : [
        {
          path: "trend",
          message: `is a trigger beside the one that is compiled from slo and capacity, which there is none of with scaling.${strategy}${byKnative || strategy === Strategy.Hpa ? "" : ".triggers"}. Leave it out.`,
        },
      ];
}

function httpProblems(http: HttpScaling, settings: ScalingSettings, platform: PlatformReference): Problem[] {
  const allowed = platform.kedaHttpAddonLongestRequestSeconds;
  return [
    ...cutRequestProblems(settings, true, { piece: "kedaHttpAddon", allowed }),
    ...httpAddOnProblems("scaling.http", http.kind ?? HttpRouteKind.InterceptorRoute, platform),
    ...(http.hosts ?? []).flatMap((host, index) => hostProblems(`scaling.http.hosts[${index}]`, host)),
  ];
}

function zeroProblems({ scaling = {}, replicas }: ScalingSettings): Problem[] {
  const { http, knative, scaledObject } = scaling;
  if (http !== undefined || knative !== undefined || scaledObject?.wokenElsewhere === true) {
    return [];
  }
  const problems: Problem[] = [];
  if (replicas.min === 0) {
    problems.push({
      path: "replicas.min",
      message:
        "is 0, but without a replica there are no metrics that could ask for one. Take scaling.http, which sees the requests; or, if something else starts the first replica, say so by scaling.scaledObject.wokenElsewhere.",
    });
  }
  for (const field of ["cooldownSeconds", "acceptColdStart"] as const) {
    if (scaledObject?.[field] !== undefined) {
      problems.push({
        path: `scaling.scaledObject.${field}`,
        message: "has no effect with at least one replica. Leave it out, or say wokenElsewhere.",
      });
    }
  }
  return problems;
}

const hostName = /^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** What is wrong with a host name that clients shall ask for. */
export function hostProblems(path: string, host: string): Problem[] {
  return hostName.test(host)
    ? []
    : [
        {
          path,
          message: `is "${host}"; write a host name in lower case, without scheme, port and path, such as llama.example.com.`,
        },
      ];
}
