import { describe, expect, it } from "vitest";
import {
  chartFlags,
  completeInputs,
  importedInputs,
  installFlags,
  refusedArguments,
  upgradeFlags,
} from "../../../../../packages/sandbox/src/provider/helm/release-inputs";

const minimal = completeInputs({ chart: "c", name: "n" }, "default");

describe("the arguments of a release", () => {
  it("get the namespace of the provider and five minutes, but no time limit when nothing is awaited", () => {
    expect(minimal).toMatchObject({ namespace: "default", timeout: 300, values: {}, skipAwait: false });
    expect(completeInputs({ skipAwait: true, namespace: "n" }, "d")).toMatchObject({ namespace: "n", timeout: 0 });
    expect(completeInputs({ timeout: 0 }, "d")).toMatchObject({ timeout: 0 });
  });

  it("leave out outputs and nulls", () => {
    const given = { chart: "c", resourceNames: {}, status: {}, maxHistory: null, description: null };
    expect(Object.keys(completeInputs(given, "d"))).not.toContain("resourceNames");
    expect(completeInputs(given, "d")).not.toHaveProperty("maxHistory");
    expect(completeInputs(given, "d").description).toBe("");
  });

  it("of an import are those that Helm keeps, with the defaults of all others", () => {
    const status = { name: "n", namespace: "ns", chart: "keda", version: "2.20.2", status: "deployed" };
    expect(importedInputs({ status, values: { a: 1 }, resourceNames: {} })).toMatchObject({
      ...{ name: "n", namespace: "ns", chart: "keda", version: "2.20.2", values: { a: 1 } },
      ...{ timeout: 0, atomic: false, skipAwait: false },
    });
  });

  it("fill in all of a repository", () => {
    expect(completeInputs({ repositoryOpts: { repo: "https://charts.test" } }, "d").repositoryOpts).toEqual({
      ...{ repo: "https://charts.test", caFile: "", certFile: "", keyFile: "", password: "", username: "" },
    });
  });

  it("name all that Helm's command line cannot be given safely", () => {
    expect(refusedArguments({ recreatePods: false, repositoryOpts: { repo: "https://charts.test" } })).toEqual([]);
    expect(refusedArguments({ valueYamlFiles: [], recreatePods: true, repositoryOpts: { password: "p" } })).toEqual([
      "valueYamlFiles",
      "recreatePods",
      "repositoryOpts.password",
    ]);
  });
});

describe("the options of Helm", () => {
  it("wait by default, and never say more than was asked for", () => {
    expect(installFlags(minimal)).toEqual(["--timeout", "300s", "--wait"]);
    expect(upgradeFlags(minimal)).toEqual(["--timeout", "300s", "--wait", "--history-max", "0"]);
  });

  it("find a chart in a repository", () => {
    const repositoryOpts = { repo: "https://charts.test", caFile: "ca", username: "u" };
    expect(chartFlags(completeInputs({ version: "1.x", devel: true, repositoryOpts }, "d"))).toEqual([
      ...["--version", "1.x", "--repo", "https://charts.test", "--ca-file", "ca", "--username", "u", "--devel"],
    ]);
  });

  it("follow every argument", () => {
    const all = completeInputs(
      {
        ...{ timeout: 7, atomic: true, cleanupOnFail: true, createNamespace: true, dependencyUpdate: true },
        ...{ description: "d", disableCRDHooks: true, disableOpenapiValidation: true, disableWebhooks: true },
        ...{ forceUpdate: true, maxHistory: 3, postrender: "p", renderSubchartNotes: true, replace: true },
        ...{ resetValues: true, reuseValues: true, skipCrds: true, waitForJobs: true, verify: true, keyring: "k" },
      },
      "n",
    );
    const common = [
      ...["--verify", "--keyring", "k", "--timeout", "7s", "--wait", "--wait-for-jobs", "--atomic"],
      ...["--dependency-update", "--render-subchart-notes", "--disable-openapi-validation"],
      ...["--description", "d", "--post-renderer", "p", "--no-hooks"],
    ];
    expect(installFlags(all)).toEqual([...common, "--skip-crds", "--replace", "--create-namespace"]);
    expect(upgradeFlags(all)).toEqual([
      ...common,
      ...["--force", "--reset-values", "--reuse-values", "--cleanup-on-fail", "--history-max", "3"],
    ]);
  });
});
