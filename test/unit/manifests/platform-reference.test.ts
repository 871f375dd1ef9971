import { describe, expect, test } from "vitest";
import { Distribution } from "../../../src/manifests/platform/piece";
import {
  PrometheusAuthentication,
  platformProblems,
  platformReference,
} from "../../../src/manifests/platform-reference";

const prometheus = { url: "http://prometheus-operated.monitoring.svc:9090" };

const modes = {
  prometheus: "existing",
  keda: "existing",
  kedaHttpAddon: "none",
  certManager: "none",
  kserve: "existing",
  knative: "none",
  serviceMesh: "none",
  authorino: "none",
  gpus: "existing",
};

describe("defaults", () => {
  test("Kubernetes", () => {
    expect(platformReference({ distribution: Distribution.Kubernetes, prometheus })).toStrictEqual({
      distribution: "kubernetes",
      prometheusUrl: "http://prometheus-operated.monitoring.svc:9090",
      prometheusTenancy: false,
      prometheusAuthentication: "none",
      kedaVersion: "2.20.2",
      kedaNamespace: "keda",
      kedaServiceAccount: "keda-operator",
      kedaHttpAddonNamespace: "keda",
      kedaHttpAddonVersion: "0.15.0",
      knativeLongestRequestSeconds: 600,
      kserveVersion: "0.20.0",
      kserveNamespace: "kserve",
      kubernetesVersion: "1.36.3",
      gpuProducts: ["NVIDIA-L4"],
      modes,
    });
  });

  test("OpenShift (trap 43)", () => {
    expect(platformReference({ distribution: Distribution.OpenShift })).toStrictEqual({
      distribution: "openshift",
      prometheusUrl: "https://thanos-querier.openshift-monitoring.svc.cluster.local:9092",
      prometheusTenancy: true,
      prometheusAuthentication: "boundServiceAccountToken",
      prometheusCertificateAuthority: { configMap: "openshift-service-ca.crt", key: "service-ca.crt" },
      kedaVersion: "2.19.0",
      kedaNamespace: "openshift-keda",
      kedaServiceAccount: "keda-operator",
      kedaHttpAddonNamespace: "openshift-keda",
      kedaHttpAddonVersion: "0.15.0",
      knativeLongestRequestSeconds: 600,
      kserveVersion: "0.17.0",
      kserveNamespace: "redhat-ods-applications",
      kserveProductVersion: "3.5.0",
      kserveServerless: false,
      kubernetesVersion: "1.35.0",
      gpuProducts: ["NVIDIA-L4"],
      modes,
    });
  });

  test("port 9092 of thanos-querier answers for a namespace alone", () => {
    const problems = (given: object) =>
      platformProblems({ distribution: Distribution.OpenShift, prometheus: given }).map(
        ({ path, message }) => `${path} ${message}`,
      );
    expect(problems({ tenancy: false })).toEqual([
      "prometheus.tenancy is false, but port 9092 of thanos-querier answers only for the namespace that is asked for. Leave it out.",
    ]);
    expect(problems({})).toEqual([]);
  });

  test("what is said wins", () => {
    expect(
      platformReference({
        distribution: Distribution.OpenShift,
        prometheus: { ...prometheus, tenancy: false, authentication: PrometheusAuthentication.None },
        keda: { version: "2.18.1", namespace: "scaling", serviceAccount: "operator" },
        kserve: {
          mode: "none",
          version: "0.15.2",
          namespace: "opendatahub",
          productVersion: "2.22.0",
          serverless: true,
        },
        kedaHttpAddon: { mode: "existing", version: "0.13.0", namespace: "http" },
        gpus: { products: ["NVIDIA-H100-80GB-HBM3"], budget: 8 },
        kubernetesVersion: "1.34.2",
      }),
    ).toStrictEqual({
      distribution: "openshift",
      prometheusUrl: prometheus.url,
      prometheusTenancy: false,
      prometheusAuthentication: "none",
      kedaVersion: "2.18.1",
      kedaNamespace: "scaling",
      kedaServiceAccount: "operator",
      kedaHttpAddonNamespace: "http",
      kedaHttpAddonVersion: "0.13.0",
      knativeLongestRequestSeconds: 600,
      kserveVersion: "0.15.2",
      kserveNamespace: "opendatahub",
      kserveProductVersion: "2.22.0",
      kserveServerless: true,
      kubernetesVersion: "1.34.2",
      gpuProducts: ["NVIDIA-H100-80GB-HBM3"],
      gpuBudget: 8,
      modes: { ...modes, kserve: "none", kedaHttpAddon: "existing" },
    });
  });
});

describe("problems", () => {
  const lines = (options: Parameters<typeof platformProblems>[0]) =>
    platformProblems(options).map(({ path, message }) => `${path} ${message}`);

  test("none in the defaults", () => {
    expect(lines({ distribution: Distribution.Kubernetes, prometheus })).toEqual([]);
    expect(lines({ distribution: Distribution.OpenShift })).toEqual([]);
  });

  test("no URL where the distribution has none of its own", () => {
    expect(lines({ distribution: Distribution.Kubernetes })).toEqual([
      "prometheus.url is missing; write the one KEDA reaches, such as http://prometheus-operated.monitoring.svc:9090.",
    ]);
  });

  test("where a piece comes from, which does not go with its distribution or mode", () => {
    expect(
      lines({
        distribution: Distribution.OpenShift,
        keda: { mode: "install", chart: { version: "2.20.2" } },
        gpus: { operator: { channel: "v26.3" } },
      }),
    ).toEqual([
      "keda.chart is given, but on openshift the piece comes from OLM: use operator.",
      'gpus.operator is given, but with mode "existing" nothing is installed.',
    ]);
  });

  test("a token over http", () => {
    const message =
      'prometheus.url begins with http://, so the token of authentication "boundServiceAccountToken" would travel in clear text. Use https, or authentication "none".';
    expect(lines({ distribution: Distribution.OpenShift, prometheus })).toEqual([message]);
    expect(
      lines({
        distribution: Distribution.Kubernetes,
        prometheus: { ...prometheus, authentication: PrometheusAuthentication.BoundServiceAccountToken },
      }),
    ).toEqual([message]);
  });

  test("all at once", () => {
    expect(
      lines({
        distribution: Distribution.OpenShift,
        prometheus: { url: "prometheus:9090", mode: "none" },
        keda: { version: "2.16.1", namespace: "Keda", mode: "none" },
        kserve: { version: "0.14.1", namespace: "KServe", mode: "upgrade" },
        kubernetesVersion: "1.36",
      }),
    ).toEqual([
      "prometheus.url is no http or https URL; write one such as http://prometheus-operated.monitoring.svc:9090.",
      'prometheus.mode is "none"; take one of install, adopt, existing.',
      'keda.mode is "none"; take one of install, adopt, existing.',
      'keda.namespace is "Keda", which is no namespace\'s name: use at most 63 lower-case letters, digits and dashes, beginning and ending with a letter or digit.',
      'keda.version is 2.16.1, which cannot issue bound tokens; prometheus.authentication "boundServiceAccountToken" needs 2.17.0 or newer.',
      'kserve.mode is "upgrade"; take one of install, adopt, existing, none.',
      'kserve.namespace is "KServe", which is no namespace\'s name: use at most 63 lower-case letters, digits and dashes, beginning and ending with a letter or digit.',
      'kserve.version is 0.14.1; the oldest one supported is 0.15.0. Update KServe, or take the backend "deployment".',
      'kubernetesVersion is "1.36"; write a release as major.minor.patch, e.g. 1.36.3.',
    ]);
  });

  test("a certificate authority that cannot be one, or that KEDA would not read", () => {
    expect(
      lines({
        distribution: Distribution.Kubernetes,
        prometheus: { url: "https://prometheus:9090", certificateAuthority: { configMap: "My CA", key: "a/b" } },
      }),
    ).toEqual([
      'prometheus.certificateAuthority.configMap is "My CA", which no object is named: use at most 253 lower-case letters, digits, dashes and dots, beginning and ending with a letter or digit.',
      'prometheus.certificateAuthority.key is "a/b", which is no key of a ConfigMap: use letters, digits, dashes, dots and underscores.',
      "prometheus.certificateAuthority is given, but KEDA reads it only together with an authentication. Set prometheus.authentication, or leave it out.",
    ]);
  });

  test("a password without its Secret, a Secret that nothing reads, and a password over http", () => {
    const url = "https://prometheus:9090";
    const of = (prometheus: object) =>
      lines({ distribution: Distribution.Kubernetes, prometheus: { url, ...prometheus } });
    const authentication = PrometheusAuthentication.Basic;
    expect(of({ authentication })).toEqual([
      'prometheus.credentialsSecret is missing; name the Secret of each model\'s namespace that holds "username" and "password".',
    ]);
    expect(of({ credentialsSecret: { name: "reader" } })).toEqual([
      'prometheus.credentialsSecret is given, but with authentication "none" nothing reads it. Set prometheus.authentication to "basic", or leave it out.',
    ]);
    expect(of({ authentication, credentialsSecret: { name: "My Secret", passwordKey: "a b" } })).toEqual([
      'prometheus.credentialsSecret.name is "My Secret", which no object is named: use at most 253 lower-case letters, digits, dashes and dots, beginning and ending with a letter or digit.',
      'prometheus.credentialsSecret.passwordKey is "a b", which is no key of a Secret: use letters, digits, dashes, dots and underscores.',
    ]);
    expect(of({ url: "http://prometheus:9090", authentication, credentialsSecret: { name: "reader" } })).toEqual([
      'prometheus.url begins with http://, so the password of authentication "basic" would travel in clear text. Use https, or authentication "none".',
    ]);
  });

  test("credentials in a URL are refused and not repeated", () => {
    const [line] = lines({
      distribution: Distribution.Kubernetes,
      prometheus: { url: "http://user:s3cret@prometheus:9090" },
    });
    expect(line).toBe(
      "prometheus.url has a user name or password in it, which would end up in a ScaledObject for all to read; use authentication.",
    );
  });
});
