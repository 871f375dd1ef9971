/** What a snapshot of the cluster says about an object that was made or changed. */
export type Readiness =
  | { state: "ready" }
  | {
      state: "waiting";
      /** One line on the progress, for the display. */
      status: string;
      /** Why it is not ready: the error's details when time runs out. */
      reasons: string[];
      /** Good enough when time runs out. */
      acceptable?: boolean;
      /** What is wrong with the question; said when time runs out instead of that it did. */
      problem?: string;
    }
  | { state: "failed"; reasons: string[] };

export const ready: Readiness = { state: "ready" };

export function waiting(status: string, reasons: string[] = []): Readiness {
  return { state: "waiting", status, reasons };
}
