import { describe, expect, it } from "vitest";
import { pulumiEnvironment } from "../../../../packages/sandbox/src/supervisor/pulumi-environment";
import { sandboxFiles } from "../../../../packages/sandbox/src/supervisor/sandbox-directory";

describe("pulumiEnvironment", () => {
  it("keeps a sandbox's Pulumi apart from the user's", () => {
    const programs = { pulumi: "/tools/cli/pulumi", languageHost: "/tools/host/pulumi-language-nodejs" };
    const environment = pulumiEnvironment(sandboxFiles("/state/a"), programs, "pass", "/bin");
    expect(environment).toEqual({
      PATH: "/tools/cli:/tools/host:/bin",
      PULUMI_HOME: "/state/a/pulumi",
      PULUMI_BACKEND_URL: "file:///state/a/pulumi-state",
      PULUMI_CONFIG_PASSPHRASE: "pass",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      PULUMI_NODEJS_TRANSPILE_ONLY: "true",
      KUBECONFIG: "/state/a/kubeconfig",
    });
  });
});
