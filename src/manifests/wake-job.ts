import { versions } from "../versions";
import { fitName, nameLimits } from "./naming";
import type { SecretKey } from "./vllm-server-options";

export interface WakeJobOptions {
  /** Base URL of the OpenAI API as a pod reaches it, without `/v1`. */
  url: string;
  /** `Host` header, where the URL is that of an interceptor or ingress. */
  host?: string | undefined;
  /** Name clients ask for. */
  servedModelName: string;
  /** Longest wait until the model answers. */
  timeoutSeconds: number;
  /** @default the one of whoever creates the Job */
  namespace?: string | undefined;
  /** Secret of that namespace with the key the model wants. */
  apiKey?: SecretKey | undefined;
  /** Image with a shell, curl, date, tail, tr and grep. @default the pinned one of `versions.ts` */
  image?: string | undefined;
  /** Leave the user of the container to the platform, as OpenShift wants it. @default false: one that belongs to nobody, as Pod Security `restricted` asks for */
  platformChoosesUser?: boolean | undefined;
}

/** Belongs to nobody in any image. */
const runAsUser = 65532;
/** For the image and the scheduler, beside the time the script takes. */
const startSeconds = 120;

/** Asks until the model answers, with the exit codes of `vllm-serving wake`. The key goes to curl by its standard input, not as an argument. */
const script = `
authorization() { [ -z "\${API_KEY:-}" ] || printf 'header = "Authorization: Bearer %s"\\n' "$API_KEY"; }
end=$(($(date +%s) + TIMEOUT_SECONDS))
while left=$((end - $(date +%s))) && [ "$left" -gt 0 ]; do
  answer=$(authorization | curl --config - --silent --show-error --max-time "$left" --header "Host: $HOST_HEADER" --write-out '\\n%{http_code}' "$URL/v1/models" 2>&1) || answer=$(printf '%s\\n000' "$answer")
  status=$(printf '%s' "$answer" | tail -n 1)
  case $status in
    200)
      if printf '%s' "$answer" | tr -d ' \\n' | grep -qF "\\"id\\":\\"$MODEL\\""; then echo "$MODEL answers."; exit 0; fi
      echo "$URL does not list $MODEL."; exit 4 ;;
    401|403) echo "$URL answers $status: it wants a key, or another one."; exit 3 ;;
    404) echo "$URL answers 404: no route leads from this host to a model."; exit 4 ;;
    000|408|429|5??) echo "$MODEL does not answer yet: $(printf '%s' "$answer" | tr '\\n' ' ')" ;;
    *) echo "$URL answers $status."; exit 6 ;;
  esac
  sleep 1
done
echo "$MODEL has not answered within $TIMEOUT_SECONDS s."
exit 5
`.trimStart();

/**
 * A Job that starts a model at zero by asking for it, and succeeds when it answers: a step of a pipeline, which needs no rights in
 * the cluster.
 */
export function wakeJob(options: WakeJobOptions) {
  const { url, host, servedModelName, timeoutSeconds, namespace, apiKey, image } = options;
  const seconds = Math.ceil(timeoutSeconds);
  const base = url.replace(/\/+$/, "").replace(/\/v1$/, "");
  return {
    apiVersion: "batch/v1" as const,
    kind: "Job" as const,
    metadata: {
      generateName: `${fitName(`wake-${dnsName(servedModelName)}`, longestPrefix)}-`,
      ...(namespace === undefined ? {} : { namespace }),
    },
    spec: {
      // The script tries again by itself.
      backoffLimit: 0,
      activeDeadlineSeconds: seconds + startSeconds,
      ttlSecondsAfterFinished: 3600,
      template: {
        spec: {
          restartPolicy: "Never",
          enableServiceLinks: false,
          automountServiceAccountToken: false,
          securityContext: {
            runAsNonRoot: true,
            ...(options.platformChoosesUser === true ? {} : { runAsUser }),
            seccompProfile: { type: "RuntimeDefault" },
          },
          containers: [
            {
              name: "wake",
              image: image ?? versions.curlImage,
              command: ["sh", "-c", script],
              env: [
                { name: "URL", value: base },
                { name: "HOST_HEADER", value: host ?? new URL(base).host },
                { name: "MODEL", value: servedModelName },
                { name: "TIMEOUT_SECONDS", value: String(seconds) },
                ...(apiKey === undefined ? [] : [{ name: "API_KEY", valueFrom: { secretKeyRef: apiKey } }]),
              ],
              resources: { requests: { cpu: "10m", memory: "16Mi" }, limits: { memory: "64Mi" } },
              securityContext: {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ["ALL"] },
              },
            },
          ],
        },
      },
    },
  };
}

/** The API server appends a dash and five characters. */
const longestPrefix = nameLimits.label - 6;

function dnsName(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
}
