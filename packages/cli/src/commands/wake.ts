import { type Command, Option } from "commander";
import { type ModelConfiguration, toYamlDocument } from "vllm-serving/config";
import { clusterUrl, Distribution, type SecretKey, scaledObjectName, wakeJob } from "vllm-serving/manifests";
import { abortOnSignals } from "../abort";
import { Endpoint } from "../endpoint/endpoint";
import { EndpointFailure, exitCodesHelp, type FailureKind, tellAnswer } from "../endpoint/endpoint-failure";
import {
  addEndpointOptions,
  type DeployedModel,
  deployedModel,
  type EndpointFlags,
  positiveSeconds,
} from "../endpoint/endpoint-flags";
import { wake } from "../endpoint/wake";
import { drawProgress } from "../progress";

interface WakeFlags extends EndpointFlags {
  wait?: boolean;
  timeout: number;
  json?: boolean;
  manifest?: boolean;
  namespace?: string;
  apiKeySecret?: string;
  image?: string;
  /** False with `--no-run-as-user`. */
  runAsUser: boolean;
}

/** What `wake --json` prints. */
interface Awakening {
  ok: boolean;
  url: string;
  model: string;
  seconds: number;
  failure?: { kind: FailureKind; message: string };
}

const help = `
A request is what starts a replica, so it has to come by what holds it: give the address of KEDA's HTTP interceptor and the route's host,
or the URL of the Knative service. A model that is scaled by other triggers cannot be woken; the message at the end says what helps.

Examples:
  $ vllm-serving wake --wait --url https://llama.example.com --model llama
  $ vllm-serving wake --wait --url http://127.0.0.1:8080 --host llama.example.com --model llama
  $ vllm-serving wake --manifest --url http://keda-add-ons-http-interceptor-proxy.keda:8080 --host llama.example.com --model llama | kubectl create -f -

${exitCodesHelp}`;

/** `vllm-serving wake`: starts a model at zero, here or by a Job in a pipeline. */
export function configureWakeCommand(command: Command): void {
  addEndpointOptions(command)
    .option("--wait", "wait until it answers; said always, unless --manifest prints a Job")
    .addOption(new Option("--timeout <seconds>", "longest wait").default(900).argParser(positiveSeconds))
    .option("--json", "print JSON instead of text")
    .option("--manifest", "instead, print a Job that does the same inside the cluster")
    .option("--namespace <name>", "with --manifest: namespace of the Job")
    .option("--api-key-secret <secret:key>", "with --manifest: Secret that holds the key, in that namespace")
    .option("--image <image>", "with --manifest: image with curl and a shell")
    .option("--no-run-as-user", "with --manifest: let the platform choose the user, as OpenShift does")
    .addHelpText("after", help)
    .action(async (flags: WakeFlags) => {
      const model = deployedModel(flags);
      if (flags.manifest === true) {
        process.stdout.write(toYamlDocument(jobOf(model, flags)));
        return;
      }
      if (flags.wait !== true)
        throw new Error("Say --wait, to wait here until the model answers, or --manifest, for a Job that does.");
      const found = await abortOnSignals((signal) => waitFor(model, flags.timeout, signal));
      tellAnswer(found, flags.json === true);
    });
}

async function waitFor(
  { endpoint: options, servedModelName: model }: DeployedModel,
  timeoutSeconds: number,
  signal: AbortSignal,
): Promise<Awakening> {
  const endpoint = new Endpoint(options);
  const progress = drawProgress();
  const begin = performance.now();
  const seconds = (): number => (performance.now() - begin) / 1000;
  const tell = (state: "running" | "done" | "failed", detail?: string): void =>
    progress({
      id: "wake",
      title: `Waiting for ${model}`,
      state,
      elapsedSeconds: seconds(),
      done: 0,
      total: 1,
      ...(detail === undefined ? {} : { detail }),
    });
  let last: string | undefined;
  const timer = setInterval(() => tell("running", last), 1000);
  tell("running");
  try {
    const onRetry = (message: string): void => {
      last = message;
    };
    await wake(endpoint, model, { timeoutSeconds, signal, onRetry });
    tell("done");
    return { ok: true, url: options.url.href, model, seconds: seconds() };
  } catch (error) {
    tell("failed");
    if (!(error instanceof EndpointFailure)) throw error;
    const failure = { kind: error.kind, message: error.message };
    return { ok: false, url: options.url.href, model, seconds: seconds(), failure };
  } finally {
    clearInterval(timer);
    progress.stop();
    await endpoint.close();
  }
}

/** What only the one who runs it here can use has no meaning in a cluster, where a model's own address is known. */
function jobOf({ endpoint, servedModelName, configured }: DeployedModel, flags: WakeFlags) {
  if (flags.apiKeyEnv !== undefined || flags.apiKeyFile !== undefined) {
    throw new Error("A Job reads the key from a Secret: give --api-key-secret.");
  }
  if (flags.caFile !== undefined) {
    throw new Error("A Job has no --ca-file: give the model's http address inside the cluster as --url.");
  }
  const model = configured?.model;
  if (model !== undefined) refuseUnwakeable(model);
  return wakeJob({
    url: flags.url === undefined && model !== undefined ? clusterUrl(model.name, model) : endpoint.url.href,
    host: endpoint.host,
    servedModelName,
    timeoutSeconds: flags.timeout,
    namespace: flags.namespace ?? model?.namespace,
    apiKey: flags.apiKeySecret === undefined ? model?.apiKey : secretKey(flags.apiKeySecret),
    image: flags.image,
    platformChoosesUser: !flags.runAsUser || configured?.platform.distribution === Distribution.OpenShift,
  });
}

/** Nothing holds a request for such a model, so the Job would ask in vain. */
function refuseUnwakeable(model: ModelConfiguration): void {
  if (model.scaling?.scaledObject?.wokenElsewhere !== true || (model.replicas.min ?? 1) > 0) return;
  const scaledObject = scaledObjectName(model.name);
  throw new Error(
    [
      `No request wakes ${model.name}: its ScaledObject has replicas.min 0 and wokenElsewhere, so nothing holds a request until a replica is there, and a Job would ask in vain. Instead,`,
      `  have KEDA start a replica, for as long as the annotation is there:`,
      `    kubectl annotate scaledobject ${scaledObject} --namespace ${model.namespace} autoscaling.keda.sh/force-activation=true`,
      "  or write replicas.min: 1; or take scaling.http, by which a request wakes it.",
    ].join("\n"),
  );
}

/** What was given may be the key itself, so it is not repeated. */
function secretKey(text: string): SecretKey {
  const [name, key, ...more] = text.split(":");
  if (name && key && more.length === 0) return { name, key };
  throw new Error(
    "--api-key-secret is not of the form secret:key: name a Secret of the Job's namespace and a key of it.",
  );
}
