import { EndpointFailure, FailureKind } from "./endpoint-failure";

/** Status, headers and beginning of an answer that is not 200. */
export interface Refusal {
  status: number;
  location?: string | undefined;
  /** As much of the body as a person wants to read. */
  text: string;
  keySent: boolean;
}

/** What a status other than 200 means, and what helps. */
export function statusFailure(url: URL, { status, location, text, keySent }: Refusal): EndpointFailure {
  const said = text === "" ? "" : ` It says: ${text}`;
  if (status === 401 || status === 403) {
    const help = keySent ? "It does not take this key." : "Give its key with --api-key-env or --api-key-file.";
    return new EndpointFailure(FailureKind.Unauthorized, `${url.href} answers ${status}. ${help}${said}`);
  }
  if (status >= 300 && status < 400) {
    const kind = location !== undefined && sameHost(location, url) ? FailureKind.WrongAnswer : FailureKind.Unauthorized;
    const help = kind === FailureKind.WrongAnswer ? "Give that URL." : "That may be a login: give a token as the key.";
    return new EndpointFailure(kind, `${url.href} answers ${status} and leads to ${location ?? "nowhere"}. ${help}`);
  }
  if (status === 404) {
    return new EndpointFailure(
      FailureKind.NotFound,
      `${url.href} answers 404: no route leads from this host and path to a model.${said}`,
    );
  }
  if (status === 503) {
    return new EndpointFailure(
      FailureKind.Unavailable,
      `${url.href} answers 503: no replica is ready behind it. If the model is at zero, start it: vllm-serving wake --wait.${said}`,
    );
  }
  if (status === 502 || status === 504) {
    return new EndpointFailure(
      FailureKind.Unavailable,
      `${url.href} answers ${status}: a proxy on the way got no answer from a replica in its time.${said}`,
    );
  }
  return new EndpointFailure(FailureKind.WrongAnswer, `${url.href} answers ${status}.${said}`);
}

function sameHost(location: string, url: URL): boolean {
  return new URL(location, url).hostname === url.hostname;
}
