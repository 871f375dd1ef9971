/** An OpenShift Route; its router ends TLS. */
export interface RouteExposure {
  /** Further annotations, which win over ours. */
  annotations?: Record<string, string> | undefined;
}

/** An Ingress. */
export interface IngressExposure {
  /** Class of the controller. @default the cluster's default class */
  className?: string | undefined;
  /** Secret of the namespace with the certificate. @default the controller's own certificate */
  tlsSecret?: string | undefined;
  /** Further annotations, which win over ours. Ours are the timeouts of ingress-nginx; other controllers have their own. */
  annotations?: Record<string, string> | undefined;
}

/** An HTTPRoute of a Gateway that exists. */
export interface GatewayExposure {
  name: string;
  /** Namespace of the Gateway, which must admit routes from the model's. @default the model's */
  namespace?: string | undefined;
  /** Listener. @default all that match the host */
  sectionName?: string | undefined;
  /** Whether the listener ends TLS: it decides the scheme of `externalUrl`. @default true */
  tls?: boolean | undefined;
}

/**
 * KServe's own way: with Knative its gateway, on OpenShift AI the Route that it makes, elsewhere the Ingress or HTTPRoute of KServe's
 * configuration. KServe names the host.
 */
export interface KServeExposure {
  /** OpenShift AI: only with a token of a ServiceAccount that may get the InferenceService (`security.opendatahub.io/enable-auth`). @default false */
  tokenAuthentication?: boolean | undefined;
}

/** How clients outside of the cluster reach a model: exactly one of `route`, `ingress`, `gateway` and `kserve`. */
export interface Exposure {
  /** Host name clients ask for; required, save with `kserve`. */
  host?: string | undefined;
  route?: RouteExposure | undefined;
  ingress?: IngressExposure | undefined;
  gateway?: GatewayExposure | undefined;
  kserve?: KServeExposure | undefined;
  /** Whoever reaches the host may use the GPUs. Without it, `apiKey` or `kserve.tokenAuthentication` must be given. @default false */
  unauthenticated?: boolean | undefined;
}
