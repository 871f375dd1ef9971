import {
  type KubeConfig,
  type KubernetesListObject,
  type KubernetesObject,
  ListWatch,
  Watch,
} from "@kubernetes/client-node";
import { messageOf } from "../message-of";

export interface WatchOptions<T extends KubernetesObject> {
  kubeConfig: KubeConfig;
  /** Path of the list, e.g. `/api/v1/pods`. */
  path: string;
  list(): Promise<KubernetesListObject<T>>;
  /** After each change of the objects, and never before `watchResource` has returned. */
  onChange(): void;
  log(message: string): void;
  /** Pause before the next try after an error. Milliseconds. @default 1000 */
  retryMs?: number;
}

/** The objects of a kind as the API server last told. */
export interface WatchedResource<T> {
  objects(): readonly T[];
  stop(): void;
}

/** The client's informer begins a watch after its list, and keeps one that has no answer yet, also when it is stopped meanwhile. */
class StoppableWatch extends Watch {
  stopped = false;

  override async watch(...request: Parameters<Watch["watch"]>): Promise<AbortController> {
    if (this.stopped) return new AbortController();
    const controller = await super.watch(...request);
    if (this.stopped) controller.abort();
    return controller;
  }
}

/**
 * Keeps a copy of all objects of a kind. The client's informer gives up at the first error; this one tries again until it is
 * stopped, so that an API server that was away, or a kind that is defined later, does no harm.
 */
export function watchResource<T extends KubernetesObject>(options: WatchOptions<T>): WatchedResource<T> {
  const { retryMs = 1000 } = options;
  const watch = new StoppableWatch(options.kubeConfig);
  const informer = new ListWatch<T>(options.path, watch, () => options.list(), false);
  let retry: NodeJS.Timeout | undefined;
  let lastError: string | undefined;

  const start = (): void => {
    retry = undefined;
    informer.start().catch(failed);
  };
  const failed = (error: unknown): void => {
    if (watch.stopped) return;
    // The same error each second would hide everything else in the log.
    const message = messageOf(error);
    if (message !== lastError) options.log(`watching ${options.path}: ${message}; trying again`);
    lastError = message;
    retry ??= setTimeout(start, retryMs);
  };
  informer.on("change", () => {
    lastError = undefined;
    options.onChange();
  });
  informer.on("error", failed);
  queueMicrotask(start);

  return {
    objects: () => informer.list(),
    stop() {
      watch.stopped = true;
      clearTimeout(retry);
      void informer.stop();
    },
  };
}
