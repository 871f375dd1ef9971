import { credentials } from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";

/** Lines for the person who runs Pulumi. */
export interface EngineLog {
  info(urn: string, message: string): Promise<void>;
  warning(urn: string, message: string): Promise<void>;
  /** Progress beside the resource; the next line replaces it, an empty one clears it. */
  status(urn: string, message: string): Promise<void>;
}

/** Logs to the engine that started this plugin. A line that cannot be delivered is dropped. */
export function engineLog(address: string): EngineLog {
  const engine = new EngineClient(address, credentials.createInsecure());
  const log = (severity: 0 | 1 | 2 | 3, urn: string, message: string, ephemeral: boolean) => {
    const request = new LogRequest();
    request.setSeverity(severity);
    request.setUrn(urn);
    request.setMessage(message);
    request.setEphemeral(ephemeral);
    return new Promise<void>((resolve) => {
      engine.log(request, () => resolve());
    });
  };
  return {
    info: (urn, message) => log(LogSeverity.INFO, urn, message, false),
    warning: (urn, message) => log(LogSeverity.WARNING, urn, message, false),
    status: (urn, message) => log(LogSeverity.INFO, urn, message, true),
  };
}
