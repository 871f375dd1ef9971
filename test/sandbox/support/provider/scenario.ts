import type { KubeConfig } from "@kubernetes/client-node";
import type { Json, JsonObject } from "../../../../packages/sandbox/src/provider/json";

/** Something that happens in the cluster without the provider; what it returns is recorded as seen. */
export type OutsideAction = (cluster: KubeConfig, namespace: string) => Promise<Json | undefined>;

interface Options {
  ignoreChanges?: string[];
  /** Of the resource's `customTimeouts`. */
  timeoutSeconds?: number;
}

/** What a person does with one resource, in the words of Pulumi's command line. */
export type Step =
  /** Check and Diff. */
  | ({ do: "compare"; program: JsonObject } & Options)
  /** Check, and what `pulumi preview` asks then. */
  | ({ do: "preview"; program: JsonObject } & Options)
  /** Check, Diff and what follows from it, each with its preview. */
  | ({ do: "up"; program: JsonObject; meanwhile?: OutsideAction } & Options)
  | { do: "refresh" }
  | { do: "import"; id: string }
  | { do: "destroy"; timeoutSeconds?: number }
  | { do: "outside"; what: string; act: OutsideAction };

/** The life of one resource, recorded call by call. */
export interface Scenario {
  /** In kebab case; the name of its namespace too. */
  name: string;
  /** Module and kind of the type token, such as `core/v1:ConfigMap`. */
  type: string;
  /** Arguments of the provider beside its kubeconfig. */
  settings?: Record<string, string>;
  steps: Step[];
}

export function namespaceOf(scenario: Pick<Scenario, "name">): string {
  return `answers-${scenario.name}`;
}

/** One call and what the provider answered. */
export interface Recorded {
  call: string;
  answer: Json;
}
