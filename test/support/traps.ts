/** What becomes of a trap here. */
type Handling = "impossible" | "refused" | "handled";

/** A trap of published set-ups, and what keeps users of this package out of it. */
interface Trap {
  number: number;
  trap: string;
  handling: Handling;
  how: string;
}

/** How many traps are known. */
export const knownTraps = 67;

/**
 * Each has a test that carries its number, at the end of its title: `(trap 5)`, `(traps 5, 6)`. From both docs/traps.md is made.
 */
export const traps: Trap[] = [
  {
    number: 1,
    trap: "a latency trigger without `metricType` is divided by the replicas, so it never asks for many",
    handling: "impossible",
    how: "the type follows from the signal and is no argument; a trigger of one's own that would be divided so is refused",
  },
  {
    number: 2,
    trap: "the published latency trigger is said to have asked for seven replicas",
    handling: "handled",
    how: "the waiting requests did, 13 of them; our guard multiplies what is ready, and the example says what differs",
  },
  {
    number: 3,
    trap: "the mean KV usage as `AverageValue` asks for two replicas at most",
    handling: "impossible",
    how: "no policy asks for KV usage; a trigger of one's own that would be divided so is refused",
  },
  {
    number: 4,
    trap: "a threshold at the objective acts 10 % above it, by the HPA's tolerance",
    handling: "handled",
    how: "the threshold is 90 % of what the objective allows, so the guard acts at the objective",
  },
  {
    number: 5,
    trap: "a median inside a bucket is interpolated: 62.5 ms, be it 51 or 74",
    handling: "handled",
    how: "the share of tokens above an edge of the histogram is counted; between two edges a warning says how to make it exact",
  },
  {
    number: 6,
    trap: "`AverageValue` is taken for the multiplying form, or `Value` for the dividing one",
    handling: "handled",
    how: "sums are divided, shares multiply; both are computed as Kubernetes does",
  },
  {
    number: 7,
    trap: "a threshold on a sum is taken for the sum, but is a figure per replica",
    handling: "handled",
    how: "it is derived as what one replica carries",
  },
  {
    number: 8,
    trap: "the waiting queue alone falls to zero as soon as replicas absorb it, and votes for the minimum",
    handling: "impossible",
    how: "running and waiting requests are counted together",
  },
  {
    number: 9,
    trap: "the HPA's formula is told without ready pods and tolerance",
    handling: "handled",
    how: "both are in the arithmetic that the policy is tested with",
  },
  {
    number: 10,
    trap: "KServe ignores `Value` on a sum today and would count double once it does not",
    handling: "impossible",
    how: "a sum is always `AverageValue`",
  },
  {
    number: 11,
    trap: "success rates and savings of single runs are taken for results",
    handling: "handled",
    how: "no text and no profile quotes them; a median of 82 ms counts as missed",
  },
  {
    number: 12,
    trap: "at the maximum the objective is missed, and nobody is told",
    handling: "handled",
    how: "`saturationAlert` makes a rule by the model's own metrics: all replicas serve, and the load asks for more",
  },
  {
    number: 13,
    trap: "a bound below what an unloaded replica takes pins the service at its maximum",
    handling: "refused",
    how: "such a bound does not compile; one that nearly is gets a warning",
  },
  {
    number: 14,
    trap: "a rate over five minutes reacts minutes late, one over fewer than four scrapes is noise",
    handling: "handled",
    how: "the window is four scrapes, at least 30 s",
  },
  {
    number: 15,
    trap: "`gpu_cache_utilization_percent` never existed, and reads as 0",
    handling: "impossible",
    how: "queries name only series that the vLLM release has; in a trigger of one's own it is refused",
  },
  {
    number: 16,
    trap: "`gpu_cache_usage_perc` became `kv_cache_usage_perc`",
    handling: "impossible",
    how: "no policy asks for KV usage; in a trigger of one's own the old name is refused",
  },
  {
    number: 17,
    trap: "`time_per_output_token_seconds` became `inter_token_latency_seconds`; the old query reads as 0",
    handling: "handled",
    how: "the name follows the vLLM release; in a trigger of one's own the old name is refused",
  },
  {
    number: 18,
    trap: "gaps between tokens are called time per output token",
    handling: "handled",
    how: "ITL and TPOT are two objectives, each with its own series, and TPOT is refused before the release that measures it",
  },
  {
    number: 19,
    trap: "figures of vLLM 0.6.6 are taken for those of today's engine",
    handling: "handled",
    how: "names and bucket edges are data by release",
  },
  {
    number: 20,
    trap: "a quantile of an idle service is NaN, which older KEDA turns into garbage",
    handling: "handled",
    how: "the comparison drops NaN, and idle reads 0",
  },
  {
    number: 21,
    trap: "KV usage is believed to be missing on some devices",
    handling: "impossible",
    how: "nothing depends on it",
  },
  {
    number: 22,
    trap: "metric names with colons are put in quotes, which older Prometheus does not parse",
    handling: "impossible",
    how: "every query is parsed with the published grammar",
  },
  {
    number: 23,
    trap: "a query that matches the model's name alone mixes namespaces",
    handling: "impossible",
    how: "every part of every query matches the namespace",
  },
  {
    number: 24,
    trap: "an expression for pods also matches a model whose name goes on",
    handling: "handled",
    how: "models are told apart by namespace and served name, which two models of a namespace cannot share",
  },
  {
    number: 25,
    trap: "a histogram's name is queried, though only its `_bucket`, `_sum` and `_count` exist",
    handling: "impossible",
    how: "queries are built from the kind of a metric",
  },
  {
    number: 26,
    trap: "a query that is not aggregated fails at two series",
    handling: "impossible",
    how: "every query is a sum",
  },
  {
    number: 27,
    trap: "`pollingInterval` and `cooldownPeriod` do nothing with at least one replica",
    handling: "impossible",
    how: "they are not written then",
  },
  {
    number: 28,
    trap: "`metricType` inside a trigger's metadata is ignored",
    handling: "impossible",
    how: "it is written on the trigger; in a trigger's metadata it is refused",
  },
  {
    number: 29,
    trap: "without `behavior` all replicas but one go in one step",
    handling: "handled",
    how: "a quarter goes at most, in the time one needs to finish its requests",
  },
  {
    number: 30,
    trap: "without a fallback, and with missing values read as 0, an outage of the metrics scales in",
    handling: "handled",
    how: "missing values are errors, and the fallback keeps what runs",
  },
  {
    number: 31,
    trap: "autoscaling objects are put into KEDA's namespace",
    handling: "impossible",
    how: "all are in the model's namespace, which on OpenShift is none of an operator",
  },
  {
    number: 32,
    trap: "a composite formula loses the maximum over triggers, and a fractional target the fallback",
    handling: "impossible",
    how: "`scalingModifiers` is not written, and thresholds are whole numbers",
  },
  {
    number: 33,
    trap: "a name fits until KEDA or KServe adds to it",
    handling: "handled",
    how: "names are shortened with a hash, so far that what is added fits",
  },
  {
    number: 34,
    trap: "`minReplicaCount` defaults to 0",
    handling: "handled",
    how: "it is always written",
  },
  {
    number: 35,
    trap: "a HorizontalPodAutoscaler that is left behind keeps KEDA's ScaledObject out, or two scale one Deployment",
    handling: "handled",
    how: "a change of strategy replaces the InferenceService, and KEDA lets our own HorizontalPodAutoscaler go in the same update",
  },
  {
    number: 36,
    trap: "zero replicas are promised, but the minimum is 1",
    handling: "refused",
    how: "a minimum of 0 needs something that wakes, and what wakes needs a minimum of 0",
  },
  {
    number: 37,
    trap: "annotations `prometheus.io/*` on an InferenceService scrape nothing",
    handling: "handled",
    how: "a PodMonitor is made",
  },
  {
    number: 38,
    trap: "the port of one runtime is used with another's",
    handling: "impossible",
    how: "Service, pods and PodMonitor name one port",
  },
  {
    number: 39,
    trap: "`cluster-monitoring-config` is applied as a whole, and others' settings in it are gone",
    handling: "handled",
    how: "our settings are merged into it and taken back alone; `render` does not write it",
  },
  {
    number: 40,
    trap: "KEDA's reader may read far more than it needs",
    handling: "impossible",
    how: "its Role gets pods of one namespace, and no cluster role is bound",
  },
  {
    number: 41,
    trap: "a token that never expires, filled in by somebody else in a moment",
    handling: "handled",
    how: "KEDA issues short-lived tokens of one ServiceAccount; the other way is a choice",
  },
  {
    number: 42,
    trap: "Thanos Querier is taken for what scrapes",
    handling: "handled",
    how: "KEDA's triggers ask it, and a PodMonitor of the namespace has the pods scraped",
  },
  {
    number: 43,
    trap: "port 9091 of thanos-querier needs a cluster role",
    handling: "handled",
    how: "the default is port 9092 with the namespace; 9091 is refused with what has no such role",
  },
  {
    number: 44,
    trap: "the label `openshift.io/cluster-monitoring` on a namespace with models ends their monitoring",
    handling: "impossible",
    how: "only namespaces of operators get it, and a model in one is refused",
  },
  {
    number: 45,
    trap: "Serverless, Service Mesh and Authorino are installed for plain deployments",
    handling: "handled",
    how: "KServe's Standard mode is the default and asks for none of them",
  },
  {
    number: 46,
    trap: "leftovers of a migration are copied from a published manifest",
    handling: "impossible",
    how: "an InferenceService has exactly these annotations",
  },
  {
    number: 47,
    trap: "the HTTP add-on is unsupported beside Red Hat's autoscaler, and its chart breaks under OpenShift's restricted constraints",
    handling: "handled",
    how: "a warning says so, and on OpenShift the chart gets no group",
  },
  {
    number: 48,
    trap: "KServe's HPA and KEDA's are on one Deployment, so neither scales it",
    handling: "impossible",
    how: "one strategy alone scales a model, and beside a ScaledObject of ours InferenceServices are of class `external`",
  },
  {
    number: 49,
    trap: "modes and classes are spelt as in another KServe release",
    handling: "handled",
    how: "the spelling follows the release, and one that is too old is refused",
  },
  {
    number: 50,
    trap: "`scaleMetric: qps`, which KServe does not have",
    handling: "refused",
    how: "the error says `rps`",
  },
  {
    number: 51,
    trap: "the cluster's default decides between Standard and Knative",
    handling: "handled",
    how: "the mode is always written",
  },
  {
    number: 52,
    trap: "an InferenceService is to change its deployment mode, which KServe refuses",
    handling: "handled",
    how: "such a change replaces it; another spelling of the mode does not",
  },
  {
    number: 53,
    trap: "Knative's target is taken for requests in a queue",
    handling: "handled",
    how: "the reasons say that it counts requests in a replica, and how many of them",
  },
  {
    number: 54,
    trap: "Knative's target is taken for what a replica gets, but it acts at 70 % of it",
    handling: "handled",
    how: "the reasons say the effective figure, and a derived target is used in full",
  },
  {
    number: 55,
    trap: "the retention of the last replica is taken for the time since the last request",
    handling: "handled",
    how: "the reasons say the whole time: window, delay, and the longer of grace period and retention",
  },
  {
    number: 56,
    trap: "a cold start outlasts the timeouts on its way",
    handling: "handled",
    how: "every time on the way follows the longest generation and the start, and a model that Knative would cut is refused",
  },
  {
    number: 57,
    trap: "a target far above what a replica carries never adds one",
    handling: "refused",
    how: "where an objective is given, with the largest target that keeps it; `containerConcurrency` is a setting beside it",
  },
  {
    number: 58,
    trap: "a PodMonitor by port name meets a runtime that declares no ports",
    handling: "handled",
    how: "the runtime is ours and declares the port",
  },
  {
    number: 59,
    trap: "a rollout waits for GPUs that are all in use, or is given up after 600 s",
    handling: "handled",
    how: "`maxSurge: 0`, and the deadline follows the declared start",
  },
  {
    number: 60,
    trap: "the HTTP add-on's older limits end a request before a model has started",
    handling: "handled",
    how: "the interceptor waits as long as the longest request, under today's keys",
  },
  {
    number: 61,
    trap: "the HTTP add-on makes a ScaledObject of its own beside the one with the metrics",
    handling: "impossible",
    how: "one ScaledObject has all triggers; an HTTPScaledObject is told to make none",
  },
  {
    number: 62,
    trap: "streams are cut when the interceptor goes",
    handling: "handled",
    how: "it drains for the longest request, and a model that may take longer is refused",
  },
  {
    number: 63,
    trap: "`ReadOnlyMany` is taken for enforcement, and weights cannot be downloaded through it",
    handling: "handled",
    how: "volume, mount and options are read-only; a download has a volume of its own over the same export",
  },
  {
    number: 64,
    trap: "the time of a start is taken for that of the weights",
    handling: "handled",
    how: "pull, load and compilation are declared each, and many starts at once get a warning by the storage's bandwidth",
  },
  {
    number: 65,
    trap: "long requests leave a small GPU no room for their KV cache",
    handling: "handled",
    how: "the profile counts the requests that fit, and a mean request longer than the context is refused",
  },
  {
    number: 66,
    trap: "GPU metrics are silently left out where Prometheus Operator's definitions come later; node feature discovery is installed twice",
    handling: "handled",
    how: "the GPU operator waits for monitoring, and discovery can be left to the cluster",
  },
  {
    number: 67,
    trap: "a dashboard's connection is not the field `storageUri`",
    handling: "handled",
    how: "a connection is written as that platform's release reads it",
  },
];
