import { describe, expect, it } from "vitest";
import {
  apiServerArgs,
  controllerManagerArgs,
  etcdArgs,
  kwokArgs,
  schedulerArgs,
} from "../../../../packages/sandbox/src/control-plane/component-args";
import {
  kedaAdapterArgs,
  kedaEnvironment,
  kedaOperatorArgs,
  kedaWebhooksArgs,
} from "../../../../packages/sandbox/src/control-plane/keda-args";
import { pkiFiles } from "../../../../packages/sandbox/src/control-plane/pki";
import { prometheusArgs } from "../../../../packages/sandbox/src/control-plane/prometheus";
import { prometheusOperatorArgs } from "../../../../packages/sandbox/src/control-plane/prometheus-operator";
import { proxyEnvironment } from "../../../../packages/sandbox/src/control-plane/proxy-environment";
import { kubeRbacProxyArgs, promLabelProxyArgs } from "../../../../packages/sandbox/src/control-plane/thanos-querier";

const pki = pkiFiles("/s/pki");
const keda = {
  ports: {
    metricsService: 1,
    operatorMetrics: 2,
    operatorHealth: 3,
    adapter: 4,
    adapterMetrics: 5,
    webhooks: 6,
    webhooksMetrics: 7,
    webhooksHealth: 8,
  },
  kubeconfig: "/s/keda.yaml",
  certificates: "/s/pki/keda",
};

describe("arguments of the control plane", () => {
  it("make etcd ask for certificates and skip the disk", () => {
    expect(etcdArgs({ dataDirectory: "/s/etcd", clientPort: 10, peerPort: 11, pki })).toEqual([
      "--name=sandbox",
      "--data-dir=/s/etcd",
      "--unsafe-no-fsync",
      "--listen-client-urls=https://127.0.0.1:10",
      "--advertise-client-urls=https://127.0.0.1:10",
      "--listen-peer-urls=https://127.0.0.1:11",
      "--initial-advertise-peer-urls=https://127.0.0.1:11",
      "--initial-cluster=sandbox=https://127.0.0.1:11",
      "--client-cert-auth",
      "--trusted-ca-file=/s/pki/etcd-ca.crt",
      "--cert-file=/s/pki/etcd.crt",
      "--key-file=/s/pki/etcd.key",
      "--peer-client-cert-auth",
      "--peer-trusted-ca-file=/s/pki/etcd-ca.crt",
      "--peer-cert-file=/s/pki/etcd.crt",
      "--peer-key-file=/s/pki/etcd.key",
      "--log-level=warn",
    ]);
  });

  it("give the API server RBAC, aggregation and default admission", () => {
    const args = apiServerArgs({ port: 12, etcdPort: 10, pki });
    expect(args).toEqual(
      expect.arrayContaining([
        "--bind-address=127.0.0.1",
        "--secure-port=12",
        "--etcd-servers=https://127.0.0.1:10",
        "--authorization-mode=Node,RBAC",
        "--service-cluster-ip-range=10.96.0.0/16",
        "--requestheader-client-ca-file=/s/pki/front-proxy-ca.crt",
        "--requestheader-allowed-names=front-proxy-client",
        "--proxy-client-cert-file=/s/pki/front-proxy-client.crt",
      ]),
    );
    expect(args.filter((argument) => argument.includes("admission"))).toEqual([]);
  });

  it("leave the HPA its 15 seconds and give each controller its own account", () => {
    const args = controllerManagerArgs({ port: 13, kubeconfig: "/s/kcm.yaml", volumePlugins: "/s/v", pki });
    expect(args.filter((argument) => argument.includes("horizontal-pod-autoscaler"))).toEqual([]);
    expect(args).toContain("--use-service-account-credentials=true");
    expect(args).toContain("--leader-elect=false");
  });

  it("let kwok manage the sandbox's nodes with stages from the cluster", () => {
    expect(kwokArgs({ kubeconfig: "/s/kwok.yaml", port: 14 })).toEqual([
      "--kubeconfig=/s/kwok.yaml",
      "--server-address=127.0.0.1:14",
      "--node-ip=127.0.0.1",
      "--cidr=10.244.0.0/16",
      "--enable-crds=Stage",
      "--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake",
      "--node-lease-duration-seconds=40",
    ]);
  });

  it("let everything listen on 127.0.0.1, except the two KEDA ports that take no address", () => {
    const all: Record<string, string[]> = {
      etcd: etcdArgs({ dataDirectory: "/s/etcd", clientPort: 10, peerPort: 11, pki }),
      apiServer: apiServerArgs({ port: 12, etcdPort: 10, pki }),
      controllerManager: controllerManagerArgs({ port: 13, kubeconfig: "k", volumePlugins: "v", pki }),
      scheduler: schedulerArgs({ port: 15, kubeconfig: "k" }),
      kwok: kwokArgs({ kubeconfig: "k", port: 14 }),
      operator: kedaOperatorArgs(keda),
      adapter: kedaAdapterArgs(keda),
      webhooks: kedaWebhooksArgs(keda),
      prometheus: prometheusArgs({ port: 16, configFile: "c", dataDirectory: "d" }),
      prometheusOperator: prometheusOperatorArgs(17),
      promLabelProxy: promLabelProxyArgs(18, 16),
      kubeRbacProxy: kubeRbacProxyArgs({ port: 19, upstreamPort: 18, kubeconfig: "k", configFile: "c", pki }),
    };
    const listening =
      /^--?(bind-address|server-address|listen-(client|peer)-urls|(in)?secure-listen-address|web\.listen-address|.*-bind-address)=/;
    for (const [part, args] of Object.entries(all)) {
      const addresses = args.filter((argument) => listening.test(argument));
      if (part !== "webhooks") expect(addresses.length, part).toBeGreaterThan(0);
      for (const address of addresses) expect(address, part).toContain("127.0.0.1");
    }
    const withoutAddress = Object.entries(all).flatMap(([part, args]) =>
      args.filter((argument) => argument.startsWith("--port=")).map((argument) => `${part} ${argument}`),
    );
    expect(withoutAddress).toEqual(["adapter --port=5", "webhooks --port=6"]);
  });
});

describe("arguments of KEDA", () => {
  it("connect the adapter to the operator by the name in its certificate", () => {
    expect(kedaOperatorArgs(keda)).toContain("--metrics-service-bind-address=127.0.0.1:1");
    expect(kedaAdapterArgs(keda)).toEqual(
      expect.arrayContaining([
        "--metrics-service-address=127.0.0.1:1",
        "--metrics-service-grpc-authority=keda-operator.keda.svc",
        "--tls-cert-file=/s/pki/keda/tls.crt",
      ]),
    );
  });

  it("run it as in its namespace, with names of the cluster resolved by the proxy", () => {
    expect({ ...kedaEnvironment("/s/keda.yaml"), ...proxyEnvironment({ socks: 17, connect: 18 }) }).toEqual({
      KUBECONFIG: "/s/keda.yaml",
      WATCH_NAMESPACE: "",
      POD_NAMESPACE: "keda",
      KEDA_CLUSTER_OBJECT_NAMESPACE: "keda",
      HTTP_PROXY: "socks5://127.0.0.1:17",
      HTTPS_PROXY: "http://127.0.0.1:18",
      NO_PROXY: "127.0.0.1,localhost",
    });
  });
});
