import { fakeNodeAnnotation } from "../cluster/nodes";
import { frontProxyClient, type PkiFiles } from "./pki";

/** Address everything listens on. */
export const loopback = "127.0.0.1";
/** Kubernetes' defaults for Services and pods overlap with each other here, so both are set. */
const serviceRange = "10.96.0.0/16";
const podRange = "10.244.0.0/16";

export interface EtcdOptions {
  dataDirectory: string;
  clientPort: number;
  peerPort: number;
  pki: PkiFiles;
}

/** Nothing is synchronised to disk: the data need not survive the machine. */
export function etcdArgs({ dataDirectory, clientPort, peerPort, pki }: EtcdOptions): string[] {
  const clientUrl = `https://${loopback}:${clientPort}`;
  const peerUrl = `https://${loopback}:${peerPort}`;
  return [
    "--name=sandbox",
    `--data-dir=${dataDirectory}`,
    "--unsafe-no-fsync",
    `--listen-client-urls=${clientUrl}`,
    `--advertise-client-urls=${clientUrl}`,
    `--listen-peer-urls=${peerUrl}`,
    `--initial-advertise-peer-urls=${peerUrl}`,
    `--initial-cluster=sandbox=${peerUrl}`,
    "--client-cert-auth",
    `--trusted-ca-file=${pki.etcdCa}`,
    `--cert-file=${pki.etcd.certificate}`,
    `--key-file=${pki.etcd.key}`,
    "--peer-client-cert-auth",
    `--peer-trusted-ca-file=${pki.etcdCa}`,
    `--peer-cert-file=${pki.etcd.certificate}`,
    `--peer-key-file=${pki.etcd.key}`,
    "--log-level=warn",
  ];
}

export interface ApiServerOptions {
  port: number;
  etcdPort: number;
  pki: PkiFiles;
}

/** RBAC and the default admission plugins, as in a real cluster. */
export function apiServerArgs({ port, etcdPort, pki }: ApiServerOptions): string[] {
  return [
    `--bind-address=${loopback}`,
    `--advertise-address=${loopback}`,
    `--secure-port=${port}`,
    // A loopback address may not be an endpoint of the Service `kubernetes`, which no process here uses.
    "--endpoint-reconciler-type=none",
    `--etcd-servers=https://${loopback}:${etcdPort}`,
    `--etcd-cafile=${pki.etcdCa}`,
    `--etcd-certfile=${pki.etcd.certificate}`,
    `--etcd-keyfile=${pki.etcd.key}`,
    "--authorization-mode=Node,RBAC",
    "--allow-privileged=true",
    `--service-cluster-ip-range=${serviceRange}`,
    `--client-ca-file=${pki.clusterCa}`,
    `--tls-cert-file=${pki.apiServer.certificate}`,
    `--tls-private-key-file=${pki.apiServer.key}`,
    "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
    `--service-account-key-file=${pki.serviceAccounts.publicKey}`,
    `--service-account-signing-key-file=${pki.serviceAccounts.privateKey}`,
    `--requestheader-client-ca-file=${pki.frontProxyCa}`,
    `--requestheader-allowed-names=${frontProxyClient}`,
    "--requestheader-username-headers=X-Remote-User",
    "--requestheader-group-headers=X-Remote-Group",
    "--requestheader-extra-headers-prefix=X-Remote-Extra-",
    `--proxy-client-cert-file=${pki.frontProxy.certificate}`,
    `--proxy-client-key-file=${pki.frontProxy.key}`,
    "--profiling=false",
  ];
}

export interface ControllerManagerOptions {
  port: number;
  kubeconfig: string;
  /** Empty folder: the default one is outside the sandbox and may not be writable. */
  volumePlugins: string;
  pki: PkiFiles;
}

/** What controller manager and scheduler share. No leader election: there is one of each. */
function controllerArgs(port: number, kubeconfig: string): string[] {
  return [
    `--bind-address=${loopback}`,
    `--secure-port=${port}`,
    `--kubeconfig=${kubeconfig}`,
    `--authentication-kubeconfig=${kubeconfig}`,
    `--authorization-kubeconfig=${kubeconfig}`,
    "--leader-elect=false",
  ];
}

/** All controllers with the intervals of a real cluster: the HPA looks every 15 s. */
export function controllerManagerArgs({ port, kubeconfig, volumePlugins, pki }: ControllerManagerOptions): string[] {
  return [
    ...controllerArgs(port, kubeconfig),
    // Without it the HPA controller is not the ServiceAccount that KEDA's role for external metrics is bound to.
    "--use-service-account-credentials=true",
    `--root-ca-file=${pki.clusterCa}`,
    `--service-account-private-key-file=${pki.serviceAccounts.privateKey}`,
    `--service-cluster-ip-range=${serviceRange}`,
    `--flex-volume-plugin-dir=${volumePlugins}`,
    // With the default of 20 a second its many controllers take four seconds to begin.
    "--kube-api-qps=1000",
    "--kube-api-burst=1000",
    "--profiling=false",
  ];
}

export interface SchedulerOptions {
  port: number;
  kubeconfig: string;
}

export function schedulerArgs({ port, kubeconfig }: SchedulerOptions): string[] {
  return [...controllerArgs(port, kubeconfig), "--profiling=false"];
}

export interface KwokOptions {
  kubeconfig: string;
  /** Only for its health check. */
  port: number;
}

/** kwok's controller with the stages that are in the cluster, and none of its own. */
export function kwokArgs({ kubeconfig, port }: KwokOptions): string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    `--server-address=${loopback}:${port}`,
    `--node-ip=${loopback}`,
    `--cidr=${podRange}`,
    "--enable-crds=Stage",
    `--manage-nodes-with-annotation-selector=${fakeNodeAnnotation.key}=${fakeNodeAnnotation.value}`,
    // As long as a kubelet's.
    "--node-lease-duration-seconds=40",
  ];
}
