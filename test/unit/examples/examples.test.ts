import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { sandboxConfiguration } from "@vllm-serving/sandbox";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { loadConfigurationFile, parseConfiguration, renderConfiguration } from "../../../src/config";
import { formatProblems } from "../../../src/config/problems";
import {
  exampleEnvironments as environments,
  exampleFiles as files,
  examplesFolder as root,
} from "../../support/example-environments";

const projects = files.filter((file) => basename(file) === "Pulumi.yaml").map(dirname);

function configurationOf(environment: string) {
  const result = parseConfiguration(loadConfigurationFile(join(root, environment)));
  if (!result.ok) throw new Error(formatProblems(result.problems));
  return result.configuration;
}

/** A name that carries a hash of the object's content is cut before it. */
const kindsAndNames = (configuration: ReturnType<typeof configurationOf>) =>
  renderConfiguration(configuration).map(
    ({ object: { kind, metadata } }) =>
      `${kind} ${metadata.namespace ?? "-"}/${metadata.name.replace(/-[0-9a-f]{8}$/, "-*")}`,
  );

describe.each(environments)("%s", (environment) => {
  test("is a valid configuration, in the sandbox too unless Knative scales it, and renders", () => {
    const configuration = configurationOf(environment);
    const onKnative = configuration.models.some(({ scaling }) => scaling?.knative !== undefined);
    if (!onKnative) {
      expect(parseConfiguration({ ...sandboxConfiguration(configuration) })).toMatchObject({ ok: true });
    }
    expect(kindsAndNames(configuration)).toMatchSnapshot();
  });

  test("makes no provider but its own, and says which cluster it is for", () => {
    const { config } = parse(readFileSync(join(root, environment), "utf8"));
    expect(config["pulumi:disable-default-providers"]).toEqual(["kubernetes"]);
    expect(Object.keys(config["vllm-serving:cluster"].expect)).not.toEqual([]);
  });
});

describe.each(projects)("project %s", (project) => {
  test("has all that a project of its own needs, under one name", () => {
    const { name } = parse(readFileSync(join(root, project, "Pulumi.yaml"), "utf8"));
    const manifest = JSON.parse(readFileSync(join(root, project, "package.json"), "utf8"));
    expect(manifest.name).toBe(name);
    const source = readdirSync(join(root, project)).find((file) => /^index\.(js|ts)$/.test(file));
    expect(source).toBeDefined();
    expect(Object.keys(manifest.devDependencies ?? {})).toEqual(
      source === "index.ts" ? ["@types/node", "ts-node", "typescript"] : [],
    );
  });
});

test("every example says what it shows in a README of its own, and the table lists it", () => {
  const examples = [...new Set(projects.map((project) => project.split("/")[0]))];
  const table = readFileSync(join(root, "README.md"), "utf8");
  const listed = [...table.matchAll(/^\| \[([a-z-]+)\]\(\1\/README\.md\) \|/gm)].map(([, name]) => name);
  expect(listed.sort()).toEqual(examples);
  expect(examples.filter((example) => !files.includes(`${example}/README.md`))).toEqual([]);
});
