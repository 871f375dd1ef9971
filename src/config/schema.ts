import { isAbsolute } from "node:path";
import type { z } from "zod";
import { list, mapping, sensitive, text } from "./fields";
import { modelSchema } from "./model-schema";
import { platformSchema } from "./platform-schema";

/** `*` alone would match any cluster. */
const pattern = (what: string) => text(what).regex(/[^*]/, `${what}, with more in it than *`);

const clusterSchema = mapping({
  kubeconfig: sensitive(
    text("the path of a kubeconfig file").refine(
      (path) => isAbsolute(path) || path.startsWith("~/"),
      "the path of a kubeconfig file, absolute or beginning with ~/",
    ),
  )
    .exactOptional()
    .describe("Path of the kubeconfig file; `~/` is the home directory. Default: `KUBECONFIG`, else `~/.kube/config`."),
  context: text("a context's name").exactOptional().describe("Context to use. Default: the file's current context."),
  expect: mapping({
    context: pattern("the name of a context")
      .exactOptional()
      .describe("Name the context must have; `*` stands for any characters, everything else is literal."),
    server: pattern("the URL of an API server")
      .exactOptional()
      .describe("URL the API server must have; `*` stands for any characters."),
  })
    .refine((expected) => expected.context !== undefined || expected.server !== undefined, {
      error: "a mapping with `context` or `server`, by which the right cluster is known",
    })
    .describe("Which cluster this environment is for: anything else is refused before a resource is touched."),
}).describe("The cluster everything is created in, through one explicit provider.");

/** Stack configuration under `vllm-serving:`, in the form `z.toJSONSchema` and the error report read it. */
export const configurationSchema = mapping({
  cluster: clusterSchema,
  platform: platformSchema,
  models: list(modelSchema, "a list of models").describe(
    "The models to serve; with none, the stack is the platform alone.",
  ),
});

/** What a stack of the root program is configured with: the values of the `vllm-serving:` keys, found valid. */
export type Configuration = z.infer<typeof configurationSchema>;
export type ClusterConfiguration = Configuration["cluster"];
export type ExpectedCluster = ClusterConfiguration["expect"];
export type PlatformConfiguration = Configuration["platform"];
export type ModelConfiguration = Configuration["models"][number];

/** Namespace of these keys in a stack's configuration: the project's name. */
export const configurationNamespace = "vllm-serving";
