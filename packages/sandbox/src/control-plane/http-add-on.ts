import { execa } from "execa";
import { versionOf } from "../tools/families";
import { applyObjects } from "./api-client";
import {
  type HttpAddOnComponent,
  type HttpAddOnPorts,
  httpAddOnAddresses,
  httpAddOnArgs,
  httpAddOnComponents,
  httpAddOnEnvironment,
} from "./http-add-on-args";
import { httpAddOnObjects } from "./http-add-on-objects";
import { kedaNamespace } from "./keda-args";
import { conditionTrue, type Plane, serviceAccountKubeconfig, serving, startSeconds } from "./plane";
import { allocatePort } from "./ports";
import { proxyEnvironment } from "./proxy-environment";
import { answersOk, waitUntil } from "./wait";

/**
 * Starts KEDA's HTTP add-on with upstream's permissions, Services and Deployments, whose pods stand for the processes. Its
 * namespace exists before, its kinds are awaited.
 * @returns the port of 127.0.0.1 at which the interceptor takes requests.
 */
export async function startHttpAddOn(plane: Plane, definitions: Promise<void>): Promise<number> {
  const ports = await allocatePorts();
  await Promise.all(httpAddOnComponents.map((component) => startComponent(plane, component, ports, definitions)));
  const ready = (component: HttpAddOnComponent, port: number) =>
    waitUntil(`HTTP add-on's ${component} ready`, startSeconds, () => answersOk(port, "/readyz"));
  await Promise.all([
    ready("operator", ports.operator.probes),
    ready("interceptor", ports.interceptor.admin),
    serving("HTTP add-on's scaler", ports.scaler.grpc),
    ...httpAddOnComponents.map((component) =>
      conditionTrue(
        plane.kubeConfig,
        `/apis/apps/v1/namespaces/${kedaNamespace}/deployments/${upstreamName(component)}`,
        "Available",
      ),
    ),
  ]);
  return ports.interceptor.proxy;
}

async function startComponent(
  plane: Plane,
  component: HttpAddOnComponent,
  ports: HttpAddOnPorts,
  definitions: Promise<void>,
): Promise<void> {
  const { tools, parts, kubeConfig } = plane;
  const program = `http-add-on-${component}` as const;
  const { stdout } = await execa(tools.binaries.kubectl, ["kustomize", tools.manifests[program]]);
  const image = `ghcr.io/kedacore/${program}:${versionOf("http-add-on")}`;
  const { access, deployment } = httpAddOnObjects(stdout, image, httpAddOnAddresses(component, ports));
  await applyObjects(kubeConfig, access);
  const account = { name: upstreamName(component), namespace: kedaNamespace };
  const [kubeconfig] = await Promise.all([
    serviceAccountKubeconfig(plane, account),
    applyObjects(kubeConfig, [deployment]),
    definitions,
  ]);
  parts.start({
    name: program,
    command: tools.binaries[program],
    args: httpAddOnArgs(component, ports),
    env: {
      KUBECONFIG: kubeconfig,
      ...httpAddOnEnvironment(component, ports),
      ...proxyEnvironment(plane.proxyPorts),
    },
    restart: true,
  });
}

/** Of a component's ServiceAccount and Deployment. */
function upstreamName(component: HttpAddOnComponent): string {
  return `keda-add-ons-http-${component}`;
}

async function allocatePorts(): Promise<HttpAddOnPorts> {
  return {
    operator: { metrics: await allocatePort(), probes: await allocatePort() },
    interceptor: { proxy: await allocatePort(), admin: await allocatePort(), metrics: await allocatePort() },
    scaler: { grpc: await allocatePort(), metrics: await allocatePort() },
  };
}
