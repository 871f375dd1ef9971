import { describe, expect, test } from "vitest";
import {
  type PlatformReference,
  platformReference,
  type ServedModelOptions,
  type ServingPlatformOptions,
  servedModelManifests,
} from "../../../src/manifests";

const pieces = {
  prometheus: { url: "http://prometheus:9090" },
  kedaHttpAddon: { mode: "existing" },
  knative: { mode: "existing" },
};
const kubernetes = platformReference({ distribution: "kubernetes", ...pieces });
const openShift = {
  ...platformReference({ distribution: "openshift", ...pieces }),
  prometheusAuthentication: "none",
  kserveServerless: true,
};
const legacyAddOn = { ...kubernetes, kedaHttpAddonVersion: "0.13.0" };
const base: ServedModelOptions = {
  namespace: "models",
  weights: { existingClaim: "weights" },
  slo: { itl: { atMostMs: 75 } },
  replicas: { max: 3 },
  capacity: { concurrencyPerReplica: 10 },
  // 75 s; the probe allows three of them, 225 s.
  startup: { imagePullSeconds: 10, loadSeconds: 60, compileSeconds: 5 },
};
const toZero = { replicas: { min: 0, max: 3 } };
const host = "llama.example.com";
const unauthenticated = true;

const timeoutKey = /timeout|readiness|responseHeader|conditionWait|terminationGracePeriodSeconds|backendRequest/i;
const probe = /Probe/;

/** Every time of the objects that a request meets, in seconds by where it stands. Probes ask for something else. */
function times(value: unknown, path: string, waits: boolean): [path: string, seconds: number][] {
  if (typeof value === "object" && value !== null) {
    return Object.entries(value).flatMap(([key, each]) =>
      probe.test(key) ? [] : times(each, path === "" ? key : `${path}/${key}`, waits || timeoutKey.test(key)),
    );
  }
  const seconds = /^(\d+)s?$/.exec(String(value))?.[1];
  return waits && seconds !== undefined ? [[path, Number(seconds)]] : [];
}

function timesOf(options: Partial<ServedModelOptions>, platform: PlatformReference): Record<string, number> {
  const result = servedModelManifests("llama", { ...base, ...options }, platform);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return Object.fromEntries(result.objects.flatMap(({ object }) => times({ [object.kind]: object }, "", false)));
}

const nginx = "Ingress/metadata/annotations/nginx.ingress.kubernetes.io";
const haproxy = "metadata/annotations/haproxy.router.openshift.io/timeout";
const deployment = { "Deployment/spec/template/spec/terminationGracePeriodSeconds": 145 };

test.each<{
  what: string;
  options: Partial<ServedModelOptions>;
  platform?: PlatformReference;
  expected: Record<string, number>;
  /** Time of a start alone. */
  still?: Record<string, number>;
}>([
  {
    what: "a Route",
    options: { backend: "deployment", expose: { host, route: {}, unauthenticated } },
    platform: openShift,
    expected: { ...deployment, [`Route/${haproxy}`]: 190 },
  },
  {
    what: "an Ingress",
    options: { backend: "deployment", expose: { host, ingress: {}, unauthenticated } },
    expected: { ...deployment, [`${nginx}/proxy-read-timeout`]: 190, [`${nginx}/proxy-send-timeout`]: 190 },
  },
  {
    what: "an HTTPRoute",
    options: { backend: "deployment", expose: { host, gateway: { name: "public" }, unauthenticated } },
    expected: {
      ...deployment,
      "HTTPRoute/spec/rules/0/timeouts/request": 190,
      "HTTPRoute/spec/rules/0/timeouts/backendRequest": 190,
    },
  },
  {
    what: "an interceptor behind an HTTPRoute",
    options: {
      ...toZero,
      backend: "deployment",
      scaling: { http: {} },
      expose: { host, gateway: { name: "public" }, unauthenticated },
    },
    expected: {
      ...deployment,
      "InterceptorRoute/spec/timeouts/responseHeader": 180,
      "InterceptorRoute/spec/timeouts/request": 405,
      "HTTPRoute/spec/rules/0/timeouts/request": 425,
      "HTTPRoute/spec/rules/0/timeouts/backendRequest": 425,
    },
    still: { "InterceptorRoute/spec/timeouts/readiness": 225 },
  },
  {
    what: "an interceptor before 0.14",
    options: { ...toZero, backend: "deployment", scaling: { http: { kind: "HTTPScaledObject" } } },
    platform: legacyAddOn,
    expected: { ...deployment, "HTTPScaledObject/spec/timeouts/responseHeader": 180 },
    still: { "HTTPScaledObject/spec/timeouts/conditionWait": 225 },
  },
  {
    what: "Knative without a replica, behind the Route of OpenShift AI",
    options: { ...toZero, scaling: { knative: { target: 4 } }, expose: { kserve: {}, unauthenticated } },
    platform: openShift,
    expected: { "InferenceService/spec/predictor/timeout": 255, [`InferenceService/${haproxy}`]: 415 },
  },
])(
  "a longer generation moves every time of $what (traps 56, 60)",
  ({ options, platform = kubernetes, expected, still = {} }) => {
    const at = (longestGenerationSeconds: number) => timesOf({ ...options, longestGenerationSeconds }, platform);
    expect(at(120)).toEqual({ ...expected, ...still });
    const moved = Object.fromEntries(Object.entries(expected).map(([path, seconds]) => [path, seconds + 100]));
    expect(at(220)).toEqual({ ...moved, ...still });
  },
);

describe("a request that the platform would cut (traps 56, 62)", () => {
  const problems = (options: Partial<ServedModelOptions>, platform: Partial<ServingPlatformOptions>) => {
    const reference = platformReference({ distribution: "kubernetes", ...pieces, ...platform });
    const result = servedModelManifests("llama", { ...base, ...options }, reference);
    return result.ok ? [] : result.problems.map(({ path, message }) => `${path} ${message}`);
  };
  const refused = (start: number, needed: number, allowed: number, piece: string) => [
    `longestGenerationSeconds makes a request take up to ${needed} s (${start} s of start, the longest generation and 60 s in the queue), but the platform would cut it after ${allowed} s. Raise the platform's ${piece}.longestRequestSeconds to at least ${needed}, or lower it.`,
  ];
  const knative = { scaling: { knative: { target: 4 } }, longestGenerationSeconds: 600 };
  const http = { ...toZero, scaling: { http: {} }, longestGenerationSeconds: 600 };

  test.each<[Partial<ServedModelOptions>, Partial<ServingPlatformOptions>, string[]]>([
    // Knative's own limit is in force wherever nobody has said another one.
    [knative, {}, refused(0, 660, 600, "knative")],
    [knative, { knative: { mode: "install" } }, refused(0, 660, 600, "knative")],
    [
      { ...knative, ...toZero },
      { knative: { mode: "existing", longestRequestSeconds: 700 } },
      refused(75, 735, 700, "knative"),
    ],
    [knative, { knative: { mode: "existing", longestRequestSeconds: 660 } }, []],
    [knative, { knative: { mode: "install", longestRequestSeconds: 660 } }, []],
    [http, { kedaHttpAddon: { mode: "install" } }, refused(75, 735, 600, "kedaHttpAddon")],
    [http, { kedaHttpAddon: { mode: "install", longestRequestSeconds: 735 } }, []],
    [http, { kedaHttpAddon: { mode: "existing", longestRequestSeconds: 700 } }, refused(75, 735, 700, "kedaHttpAddon")],
    // Of an add-on that somebody else has installed nothing is known.
    [http, {}, []],
  ])("is refused: %j on %j", (options, platform, expected) => {
    expect(problems(options, platform)).toEqual(expected);
  });

  test("can be no longer than what is installed for it", () => {
    const reference = (platform: Partial<ServingPlatformOptions>) =>
      platformReference({ distribution: "kubernetes", ...pieces, ...platform });
    expect(reference({ knative: { mode: "install", longestRequestSeconds: 900 } })).toHaveProperty(
      "knativeLongestRequestSeconds",
      900,
    );
    expect(reference({ kedaHttpAddon: { mode: "adopt" } })).toHaveProperty("kedaHttpAddonLongestRequestSeconds", 600);
  });
});
