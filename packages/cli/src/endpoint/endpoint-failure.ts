/** Why an endpoint did not do what it should, each with the exit code of the command. */
export const FailureKind = {
  /** No connection: name, network or certificate. */
  Unreachable: "unreachable",
  /** 401, 403, or a redirection to a login. */
  Unauthorized: "unauthorized",
  /** No such address or model. */
  NotFound: "not-found",
  /** Nobody there who could answer: no replica, or none in time. */
  Unavailable: "unavailable",
  /** An answer that is not one of an OpenAI API. */
  WrongAnswer: "wrong-answer",
} as const;
export type FailureKind = (typeof FailureKind)[keyof typeof FailureKind];

const exitCodes: Record<FailureKind, number> = {
  unreachable: 2,
  unauthorized: 3,
  "not-found": 4,
  unavailable: 5,
  "wrong-answer": 6,
};

/** Of a command's help. */
export const exitCodesHelp = `Exit codes: 0 it answers, 1 wrong use, 2 not reached (name, network, certificate), 3 not allowed (401, 403), 4 no such address or
model, 5 nobody there to answer, or not in time, 6 an answer that is wrong, 130 stopped on request.`;

export class EndpointFailure extends Error {
  constructor(
    readonly kind: FailureKind,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

const certificateCodes = new Map([
  ["CERT_HAS_EXPIRED", "its certificate has expired"],
  ["CERT_NOT_YET_VALID", "its certificate is not valid yet"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "its certificate is for another name"],
]);

const unknownAuthority = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

const refused = new Set(["ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH", "UND_ERR_CONNECT_TIMEOUT"]);

/** What a failed connection or a broken answer means, and what helps. */
export function connectionFailure(error: unknown, url: URL): EndpointFailure {
  const code = codeOf(error);
  const unreachable = (message: string) => new EndpointFailure(FailureKind.Unreachable, message, { cause: error });
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") {
    return unreachable(
      `${url.hostname} is no name that is known here. A name that ends with .svc is known inside the cluster only.`,
    );
  }
  if (refused.has(code)) {
    return unreachable(
      `Nothing answers at ${url.host} (${code}): look at the port, the firewall and the port-forward.`,
    );
  }
  if (unknownAuthority.has(code)) {
    return unreachable(
      `${url.host} shows a certificate of an authority that is not known here (${code}): give the authority's with --ca-file.`,
    );
  }
  const certificate = certificateCodes.get(code);
  if (certificate !== undefined) return unreachable(`${url.host} cannot be trusted: ${certificate} (${code}).`);
  if (code.startsWith("ERR_SSL") || code === "EPROTO") {
    return unreachable(`${url.host} does not speak TLS as it should (${code}): is the URL's scheme http?`);
  }
  return new EndpointFailure(
    FailureKind.Unavailable,
    `The connection to ${url.host} broke before the answer was complete (${code}).`,
    { cause: error },
  );
}

/** The code of an error, or of the first of those that trying several addresses brought. */
function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  if (error instanceof Error && "code" in error && typeof error.code === "string") return error.code;
  return error instanceof Error ? error.message : String(error);
}

/** What a command that asked a model says at its end, and the exit code it ends with. */
export function tellAnswer(
  found: { url: string; model: string; failure?: { kind: FailureKind; message: string } },
  json: boolean,
): void {
  if (found.failure !== undefined) process.exitCode = exitCodes[found.failure.kind];
  if (json) console.log(JSON.stringify(found, null, 2));
  else if (found.failure === undefined) console.log(`${found.model} answers at ${found.url}`);
  else console.error(found.failure.message);
}
