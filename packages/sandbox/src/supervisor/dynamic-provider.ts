// Pulumi's own provider for dynamic resources, of the program's SDK, as Pulumi starts it. By itself it stays when Pulumi is killed.
import { createRequire } from "node:module";
import { join } from "node:path";
import { endWithParent } from "../end-with-parent";

endWithParent();
createRequire(join(process.cwd(), "index.js"))("@pulumi/pulumi/cmd/dynamic-provider");
