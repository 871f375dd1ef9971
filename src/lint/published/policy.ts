/** A scaling policy that somebody published, to be linted and compared with. */
export interface PublishedPolicy {
  id: string;
  /** Who published it, and where. */
  source: string;
  /** The release of vLLM that it was written for, whose metrics it can read; where it names none, one of its time. */
  vllmVersion: string;
  /** What its author meant it to do. */
  meant: string;
  /** The objects with what was published of scaling, as YAML. */
  manifests: string;
  /** The objects that do what was meant, for the same release; absent where they do already. */
  repaired?: string;
}
