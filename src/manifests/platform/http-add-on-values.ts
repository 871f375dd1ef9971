import type { HelmValues } from "./helm-values";
import { Distribution } from "./piece";

/** Settings of KEDA's HTTP add-on. */
export interface HttpAddOnSettings {
  /**
   * Longest a request may take in seconds, generation and start included: the interceptor waits that long for the first byte of an answer
   * that is not streamed, and lets requests finish when it goes itself. Of an add-on that exists, say its `interceptor.drainTimeout`. Models
   * whose requests may take longer are refused.
   * @default 600; the chart's 300 s and 30 s cut long generations. Of one that exists not compared
   */
  longestRequestSeconds?: number | undefined;
}

const httpAddOnDefaults = { longestRequestSeconds: 600 } as const;

/** The listener stays open that long after SIGTERM (the chart's `interceptor.shutdownDelay`). */
const shutdownDelaySeconds = 5;
/** What the process needs to end when all requests are done. */
const spareSeconds = 10;

/** Longest a request may take through an interceptor of ours. */
export function longestAddOnRequest({ longestRequestSeconds }: HttpAddOnSettings): number {
  return longestRequestSeconds ?? httpAddOnDefaults.longestRequestSeconds;
}

/** Values of the chart `keda-add-ons-http` (kedacore/charts, `http-add-on/values.yaml`). */
export function httpAddOnValues(distribution: Distribution, settings: HttpAddOnSettings): HelmValues {
  const seconds = longestAddOnRequest(settings);
  return {
    interceptor: {
      responseHeaderTimeout: `${seconds}s`,
      drainTimeout: `${seconds}s`,
      terminationGracePeriodSeconds: shutdownDelaySeconds + seconds + spareSeconds,
    },
    ...(distribution === Distribution.OpenShift ? { podSecurityContext: restrictedPods() } : {}),
  };
}

/**
 * The chart's pods ask for group 1000, which is outside the range that SCC restricted-v2 gives a namespace. A context of its own
 * replaces a component's whole one, so no null is needed.
 */
function restrictedPods(): HelmValues {
  const context = { runAsNonRoot: true };
  return { operator: context, scaler: context, interceptor: context };
}
