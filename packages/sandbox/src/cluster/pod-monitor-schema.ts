import { z } from "zod";

const relabeling = z.strictObject({
  sourceLabels: z.array(z.string()).optional(),
  separator: z.string().optional(),
  targetLabel: z.string().optional(),
  regex: z.string().optional(),
  modulus: z.number().int().optional(),
  replacement: z.string().optional(),
  action: z.string().optional(),
});

/** What of an endpoint decides about its scrape configuration. Credentials are missing: the sandbox's pods ask for none. */
const endpoint = z.strictObject({
  port: z.string().optional(),
  portNumber: z.number().int().optional(),
  targetPort: z.union([z.string(), z.number().int()]).optional(),
  path: z.string().optional(),
  scheme: z.string().optional(),
  params: z.record(z.string(), z.array(z.string())).optional(),
  interval: z.string().optional(),
  scrapeTimeout: z.string().optional(),
  honorLabels: z.boolean().optional(),
  honorTimestamps: z.boolean().optional(),
  trackTimestampsStaleness: z.boolean().optional(),
  followRedirects: z.boolean().optional(),
  enableHttp2: z.boolean().optional(),
  filterRunning: z.boolean().optional(),
  relabelings: z.array(relabeling).optional(),
  metricRelabelings: z.array(relabeling).optional(),
});

const matchExpression = z.strictObject({
  key: z.string(),
  operator: z.enum(["In", "NotIn", "Exists", "DoesNotExist"]),
  values: z.array(z.string()).optional(),
});

/**
 * A PodMonitor as far as the sandbox turns it into a scrape configuration. Strict: what it does not know is refused by name
 * instead of being left out in silence. Whether values make sense is Prometheus' to say.
 */
export const podMonitorSchema = z.looseObject({
  metadata: z.looseObject({ name: z.string(), namespace: z.string() }),
  spec: z.strictObject({
    selector: z.strictObject({
      matchLabels: z.record(z.string(), z.string()).optional(),
      matchExpressions: z.array(matchExpression).optional(),
    }),
    namespaceSelector: z
      .strictObject({ any: z.boolean().optional(), matchNames: z.array(z.string()).optional() })
      .optional(),
    jobLabel: z.string().optional(),
    podTargetLabels: z.array(z.string()).optional(),
    sampleLimit: z.number().optional(),
    targetLimit: z.number().optional(),
    labelLimit: z.number().optional(),
    labelNameLengthLimit: z.number().optional(),
    labelValueLengthLimit: z.number().optional(),
    keepDroppedTargets: z.number().optional(),
    podMetricsEndpoints: z.array(endpoint),
  }),
});

export type PodMonitor = z.infer<typeof podMonitorSchema>;
export type PodMetricsEndpoint = z.infer<typeof endpoint>;
export type Relabeling = z.infer<typeof relabeling>;
