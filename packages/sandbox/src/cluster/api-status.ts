import { ApiException } from "@kubernetes/client-node";

/** Whether the API server answered with one of these status codes. */
export function hasStatus(error: unknown, ...codes: number[]): boolean {
  return error instanceof ApiException && codes.includes(error.code);
}
