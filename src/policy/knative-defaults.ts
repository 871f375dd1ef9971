/** What Knative does where nothing is written. Source: knative/serving `config/core/configmaps/autoscaler.yaml` and `defaults.yaml`. */
export const knativeDefaults = {
  /** Requests in flight. */
  target: 100,
  utilizationPercent: 70,
  windowSeconds: 60,
  graceSeconds: 30,
  /** Of a whole request. */
  timeoutSeconds: 300,
} as const;
