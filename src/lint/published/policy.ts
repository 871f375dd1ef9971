/** A scaling policy that somebody published, to be linted and compared with. */
export interface PublishedPolicy {
  id: string;
  /** Who published it, and where. */
  source: string;
  /** The release of vLLM that it was written for, whose metrics it can read. */
  vllmVersion: string;
  /** What its author meant it to do. */
  meant: string;
  /** The objects as published, as YAML. */
  manifests: string;
  /** The objects that do what was meant, for the same release; absent where they do already. */
  repaired?: string;
}
