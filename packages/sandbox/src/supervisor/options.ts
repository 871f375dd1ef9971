import { z } from "zod";
import { binaryNames, manifestNames } from "../tools/families";

/** What `up` hands to the daemon, and the daemon to the supervisor, in a file. */
export const daemonOptions = z.object({
  name: z.string(),
  directory: z.string(),
  socketDirectory: z.string(),
  tools: z.object({
    binaries: z.record(z.enum(binaryNames), z.string()),
    manifests: z.record(z.enum(manifestNames), z.string()),
    replaced: z.array(z.enum(binaryNames)),
    officialLanguageHost: z.string().exactOptional(),
  }),
  endWithCaller: z.boolean(),
});

export type DaemonOptions = z.infer<typeof daemonOptions>;

/** What the daemon adds for the supervisor on its command line. */
export const supervisorArguments = z.object({
  optionsFile: z.string(),
  userApiServerPort: z.number(),
});

export type SupervisorArguments = z.infer<typeof supervisorArguments>;
