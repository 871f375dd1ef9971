import type { Problem } from "../policy/policy-input";
import type { Exposure } from "./exposure-options";
import { interceptorPort, interceptorService, wakeServiceName } from "./http-activation";
import { Role, standardLabels } from "./labels";
import { childName, fitName } from "./naming";
import { Distribution } from "./platform/piece";
import type { PlatformReference } from "./platform-reference";
import { hostProblems, mayHaveNoReplica, type ScalingSettings } from "./scaling";
import { waitSeconds } from "./timeouts";
import { httpPort } from "./vllm-arguments";
import { ServingBackend } from "./vllm-server-options";
import { usesKServe } from "./workload";

/** A model with what is said about reaching it. */
export interface ExposureSettings extends ScalingSettings {
  namespace: string;
  expose?: Exposure | undefined;
}

/** The objects by which clients outside of the cluster reach a model. */
export interface ExposureObjects<S> {
  route?: ReturnType<typeof route<S>>;
  ingress?: ReturnType<typeof ingress>;
  httpRoute?: ReturnType<typeof gatewayRoute<S>>;
  referenceGrant?: ReturnType<typeof referenceGrant<S>>;
}

/** Name of the Route, Ingress or HTTPRoute. Not the model's: OpenShift AI deletes a Route that is called like an InferenceService. */
function exposureName(name: string): string {
  return childName(name, "serving");
}

/** Hosts of clients outside of the cluster. */
export function exposedHosts({ expose }: Pick<ExposureSettings, "expose">): string[] {
  return expose?.host === undefined ? [] : [expose.host];
}

/** `addOnNamespace` is where the interceptor runs. */
export function exposureObjects<S>(name: string, settings: ExposureSettings, addOnNamespace: S): ExposureObjects<S> {
  const { expose } = settings;
  if (expose?.route !== undefined) {
    return { route: route(name, settings, addOnNamespace) };
  }
  if (expose?.ingress !== undefined) {
    return { ingress: ingress(name, settings) };
  }
  if (expose?.gateway === undefined) {
    return {};
  }
  return {
    httpRoute: gatewayRoute(name, settings, addOnNamespace),
    ...(isHeld(settings) ? { referenceGrant: referenceGrant(name, settings, addOnNamespace) } : {}),
  };
}

/** Whether requests go through the interceptor of KEDA's HTTP add-on. */
function isHeld({ scaling }: ScalingSettings): boolean {
  return scaling?.http !== undefined;
}

/** The router waits 30 s by itself. It takes Services of its own namespace only, so a held model's is where the interceptor is. */
function route<S>(name: string, settings: ExposureSettings, addOnNamespace: S) {
  const { host, route: options } = settings.expose ?? {};
  const held = isHeld(settings);
  return {
    apiVersion: "route.openshift.io/v1" as const,
    kind: "Route" as const,
    metadata: {
      name: held ? childName(`${settings.namespace}-${name}`, "serving") : exposureName(name),
      namespace: held ? addOnNamespace : settings.namespace,
      labels: standardLabels(name, Role.Server),
      annotations: { "haproxy.router.openshift.io/timeout": `${frontSeconds(settings)}s`, ...options?.annotations },
    },
    spec: {
      host,
      to: { kind: "Service", name: held ? interceptorService : fitName(name), weight: 100 },
      port: { targetPort: held ? interceptorPort : httpPort.name },
      tls: { termination: "edge", insecureEdgeTerminationPolicy: "Redirect" },
      wildcardPolicy: "None",
    },
  };
}

/** ingress-nginx waits 60 s by itself, and limits a body to 1 MB. */
function ingress(name: string, settings: ExposureSettings) {
  const { host, ingress: options } = settings.expose ?? {};
  const seconds = String(frontSeconds(settings));
  const held = isHeld(settings);
  const service = {
    name: held ? wakeServiceName(name) : fitName(name),
    port: { number: held ? interceptorPort : httpPort.number },
  };
  return {
    apiVersion: "networking.k8s.io/v1" as const,
    kind: "Ingress" as const,
    metadata: {
      name: exposureName(name),
      namespace: settings.namespace,
      labels: standardLabels(name, Role.Server),
      annotations: {
        "nginx.ingress.kubernetes.io/proxy-read-timeout": seconds,
        "nginx.ingress.kubernetes.io/proxy-send-timeout": seconds,
        "nginx.ingress.kubernetes.io/proxy-body-size": "64m",
        "nginx.ingress.kubernetes.io/proxy-buffering": "off",
        ...options?.annotations,
      },
    },
    spec: {
      ...(options?.className === undefined ? {} : { ingressClassName: options.className }),
      tls: [
        {
          hosts: exposedHosts(settings),
          ...(options?.tlsSecret === undefined ? {} : { secretName: options.tlsSecret }),
        },
      ],
      rules: [{ host, http: { paths: [{ path: "/", pathType: "Prefix", backend: { service } }] } }],
    },
  };
}

function gatewayRoute<S>(name: string, settings: ExposureSettings, addOnNamespace: S) {
  const { gateway } = settings.expose ?? {};
  const timeout = `${frontSeconds(settings)}s`;
  return {
    apiVersion: "gateway.networking.k8s.io/v1" as const,
    kind: "HTTPRoute" as const,
    metadata: {
      name: exposureName(name),
      namespace: settings.namespace,
      labels: standardLabels(name, Role.Server),
    },
    spec: {
      parentRefs: [
        {
          name: gateway?.name ?? "",
          ...(gateway?.namespace === undefined ? {} : { namespace: gateway.namespace }),
          ...(gateway?.sectionName === undefined ? {} : { sectionName: gateway.sectionName }),
        },
      ],
      hostnames: exposedHosts(settings),
      rules: [
        {
          matches: [{ path: { type: "PathPrefix", value: "/" } }],
          backendRefs: isHeld(settings)
            ? [{ name: interceptorService, namespace: addOnNamespace, port: interceptorPort }]
            : [{ name: fitName(name), port: httpPort.number }],
          timeouts: { request: timeout, backendRequest: timeout },
        },
      ],
    },
  };
}

/** Leave for the HTTPRoute to lead to the interceptor, which is in another namespace. */
function referenceGrant<S>(name: string, { namespace }: ExposureSettings, addOnNamespace: S) {
  return {
    apiVersion: "gateway.networking.k8s.io/v1beta1" as const,
    kind: "ReferenceGrant" as const,
    metadata: {
      name: childName(`${namespace}-${name}`, "serving"),
      namespace: addOnNamespace,
      labels: standardLabels(name, Role.Server),
    },
    spec: {
      from: [{ group: "gateway.networking.k8s.io", kind: "HTTPRoute", namespace }],
      to: [{ group: "", kind: "Service", name: interceptorService }],
    },
  };
}

/** What is in front waits longer than what is behind it, the interceptor included. */
function frontSeconds(settings: ExposureSettings): number {
  return waitSeconds(settings, mayHaveNoReplica(settings), isHeld(settings) ? 2 : 1);
}

/** What is wrong with reaching a model from outside. */
export function exposureProblems(settings: ExposureSettings, platform: PlatformReference): Problem[] {
  const { expose } = settings;
  if (expose === undefined) {
    return [];
  }
  const ways = (["route", "ingress", "gateway", "kserve"] as const).filter((way) => expose[way] !== undefined);
  if (ways.length !== 1) {
    const found = ways.length === 0 ? "says no way" : `says ${ways.join(" and ")}`;
    return [{ path: "expose", message: `${found}; take exactly one of route, ingress, gateway and kserve.` }];
  }
  return [
    ...accessProblems(settings, expose),
    ...(expose.kserve === undefined ? hostOf(expose) : kserveWayProblems(settings, expose, platform)),
    ...(expose.route !== undefined && platform.distribution !== Distribution.OpenShift
      ? [{ path: "expose.route", message: "needs OpenShift. Take ingress or gateway." }]
      : []),
    ...(settings.scaling?.knative !== undefined && expose.kserve === undefined
      ? [
          {
            path: `expose.${ways[0]}`,
            message: "would lead past Knative, which counts the requests in its own gateway. Take expose.kserve.",
          },
        ]
      : []),
  ];
}

/** That nobody needs a key is never by chance. */
function accessProblems({ apiKey }: ExposureSettings, { kserve, unauthenticated }: Exposure): Problem[] {
  const protectedBy = [
    ...(apiKey === undefined ? [] : ["apiKey"]),
    ...(kserve?.tokenAuthentication === true ? ["expose.kserve.tokenAuthentication"] : []),
  ];
  if (protectedBy.length === 0 && unauthenticated !== true) {
    return [
      {
        path: "expose",
        message:
          "has no authentication, so whoever reaches the host may use the GPUs. Give apiKey or, on OpenShift AI, expose.kserve.tokenAuthentication; or say expose.unauthenticated.",
      },
    ];
  }
  if (protectedBy.length > 0 && unauthenticated === true) {
    return [
      { path: "expose.unauthenticated", message: `is true, but ${protectedBy.join(" and ")} asks for one. Keep one.` },
    ];
  }
  return protectedBy.length < 2
    ? []
    : [
        {
          path: "expose.kserve.tokenAuthentication",
          message: "and apiKey are both read from the Authorization header, which holds one of them. Keep one.",
        },
      ];
}

function hostOf({ host }: Exposure): Problem[] {
  return host === undefined
    ? [{ path: "expose.host", message: "is missing; say which host clients ask for." }]
    : hostProblems("expose.host", host);
}

function kserveWayProblems(
  settings: ExposureSettings,
  { host, kserve }: Exposure,
  platform: PlatformReference,
): Problem[] {
  const problems: Problem[] = [];
  if (!usesKServe(settings)) {
    problems.push({
      path: "expose.kserve",
      message: `needs the backend "${ServingBackend.KServe}". Take it, or route, ingress or gateway.`,
    });
  }
  if (host !== undefined) {
    problems.push({
      path: "expose.host",
      message: "has no effect with expose.kserve: KServe names the host. Leave it out.",
    });
  }
  if (isHeld(settings)) {
    problems.push({
      path: "expose.kserve",
      message: "would lead past what holds the requests of scaling.http. Take route, ingress or gateway.",
    });
  }
  if (kserve?.tokenAuthentication === true && platform.distribution !== Distribution.OpenShift) {
    problems.push({
      path: "expose.kserve.tokenAuthentication",
      message: "is of OpenShift AI, which the platform is not. Give apiKey.",
    });
  }
  return problems;
}
