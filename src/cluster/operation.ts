/** Values as Pulumi's engine passes them. */
export type Properties = Readonly<Record<string, unknown>>;

/** One kind of thing that is done in the cluster outside of Pulumi's Kubernetes provider. */
export interface ClusterOperation {
  /** Paths of settings that make another thing of it when they change. */
  identity?: readonly string[];
  /** Does it. After an interruption it is called again, so it must take what it finds half done. @returns what else to remember */
  create(inputs: Properties): Promise<Properties>;
  update(outputs: Properties, inputs: Properties): Promise<Properties>;
  /** What is remembered, brought up to date; `undefined` if it is gone. */
  read(outputs: Properties): Promise<Properties | undefined>;
  delete(outputs: Properties): Promise<void>;
}
