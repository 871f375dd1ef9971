import { type Command, Option } from "commander";
import { abortOnSignals } from "../abort";
import { checkCompletion, checkModels, checkStream } from "../endpoint/checks";
import { Endpoint } from "../endpoint/endpoint";
import { EndpointFailure, exitCodesHelp, type FailureKind, tellAnswer } from "../endpoint/endpoint-failure";
import {
  addEndpointOptions,
  type DeployedModel,
  deployedModel,
  type EndpointFlags,
  positiveSeconds,
} from "../endpoint/endpoint-flags";
import { drawProgress } from "../progress";

interface VerifyFlags extends EndpointFlags {
  timeout: number;
  json?: boolean;
}

/** What `verify --json` prints. */
interface Verification {
  ok: boolean;
  url: string;
  model: string;
  checks: { name: string; seconds: number; detail: string }[];
  failure?: { check: string; kind: FailureKind; message: string };
}

const checks = [
  { name: "models", title: "Lists the model", check: checkModels },
  { name: "completion", title: "Completes a prompt", check: checkCompletion },
  { name: "stream", title: "Streams a completion", check: checkStream },
];

const help = `
Examples:
  $ vllm-serving verify --url https://llama.example.com --model llama --api-key-env LLAMA_KEY
  $ vllm-serving verify --env openshift --url https://llama.apps.example.com --ca-file router-ca.pem --json

${exitCodesHelp}`;

/** `vllm-serving verify`: whether a deployed model does what its clients need. */
export function configureVerifyCommand(command: Command): void {
  addEndpointOptions(command)
    .addOption(new Option("--timeout <seconds>", "longest wait for each answer").default(60).argParser(positiveSeconds))
    .option("--json", "print JSON instead of text")
    .addHelpText("after", help)
    .action(async (flags: VerifyFlags) => {
      const model = deployedModel(flags);
      const found = await abortOnSignals((signal) => verify(model, flags.timeout, signal));
      tellAnswer(found, flags.json === true);
    });
}

/** Checks one after the other, up to the first that fails. */
async function verify(
  { endpoint: options, servedModelName }: DeployedModel,
  timeoutSeconds: number,
  signal: AbortSignal,
): Promise<Verification> {
  const found: Verification = { ok: false, url: options.url.href, model: servedModelName, checks: [] };
  const endpoint = new Endpoint(options);
  const progress = drawProgress();
  try {
    for (const [done, { name, title, check }] of checks.entries()) {
      const event = { id: name, title, done, total: checks.length };
      progress({ ...event, state: "running" });
      const begin = performance.now();
      try {
        const detail = await check(endpoint, servedModelName, { timeoutSeconds, signal });
        const seconds = (performance.now() - begin) / 1000;
        found.checks.push({ name, seconds, detail });
        progress({ ...event, state: "done", detail, done: done + 1 });
      } catch (error) {
        progress({ ...event, state: "failed" });
        if (!(error instanceof EndpointFailure)) throw error;
        return { ...found, failure: { check: name, kind: error.kind, message: error.message } };
      }
    }
    return { ...found, ok: true };
  } finally {
    progress.stop();
    await endpoint.close();
  }
}
