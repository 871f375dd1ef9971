import { basename } from "node:path";
import type { Command } from "commander";
import {
  applicationPatch,
  forArgoCd,
  formatProblems,
  loadConfigurationFile,
  parseConfiguration,
  type RenderedObject,
  renderConfiguration,
  toYaml,
  toYamlDocument,
} from "vllm-serving/config";
import { environmentFile } from "../environment-file";
import { type FolderChanges, type OutputFile, writeFolder } from "../render/output-folder";

interface RenderFlags {
  env?: string;
  out?: string;
  argoCd?: boolean;
  json?: boolean;
}

const argoCdFolder = "argo-cd";

const help = `
Needs no cluster and no passphrase. A file of --out begins with the step it is applied in, so kubectl apply -f applies them in order;
files that a former rendering of the same configuration left there are removed, others never.

Exit codes: 0 rendered, 1 the configuration is wrong or a file could not be written.

Examples:
  $ vllm-serving render Pulumi.kubernetes.yaml > manifests.yaml
  $ vllm-serving render --env kubernetes --out manifests
  $ vllm-serving render --env openshift --out manifests --argo-cd`;

/** `vllm-serving render`: the objects a stack would create, as YAML. */
export function addRenderCommand(program: Command): void {
  program
    .command("render")
    .description("write the Kubernetes objects of a stack's configuration as YAML, without a cluster")
    .argument("[file]", "stack configuration, e.g. Pulumi.kubernetes.yaml")
    .option("--env <name>", "instead of a file: the environment, whose file is Pulumi.<name>.yaml")
    .option("--out <folder>", "write one file an object into this folder instead of printing")
    .option("--argo-cd", "add sync waves, and the patch of the Argo CD Application that syncs the folder of --out")
    .option("--json", "print JSON: the objects, or with --out what was written")
    .addHelpText("after", help)
    .action((file: string | undefined, flags: RenderFlags) => {
      const source = sourceOf(file, flags.env);
      const parsed = parseConfiguration(loadConfigurationFile(source));
      if (!parsed.ok) {
        process.exitCode = 1;
        if (flags.json === true) return printJson({ problems: parsed.problems });
        const { problems } = parsed;
        console.error(
          `${source} has ${problems.length} ${problems.length === 1 ? "problem" : "problems"}:\n${formatProblems(problems)}`,
        );
        return;
      }
      const plain = renderConfiguration(parsed.configuration);
      const rendered = flags.argoCd === true ? forArgoCd(plain) : plain;
      if (flags.out === undefined) return print(rendered, flags);
      const manifests = rendered.map(fileOf).sort((a, b) => (a.path < b.path ? -1 : 1));
      const files = [...manifests, ...(flags.argoCd === true ? [patchFile(rendered)] : [])];
      const changes = writeFolder(flags.out, basename(source), files, [argoCdFolder]);
      if (flags.json === true) printJson({ source, folder: flags.out, ...changes });
      else console.log(changesText(source, flags.out, changes));
    });
}

function sourceOf(file: string | undefined, environment: string | undefined): string {
  if (file !== undefined && environment !== undefined) throw new Error("Give a file or --env, not both.");
  if (environment !== undefined) return environmentFile(environment);
  if (file === undefined) throw new Error("Give the configuration's file, or its environment with --env.");
  return file;
}

function print(rendered: RenderedObject[], flags: RenderFlags): void {
  if (flags.argoCd === true)
    throw new Error("--argo-cd needs --out: the patch of the Application is a file of its own.");
  if (flags.json === true) printJson(rendered);
  else process.stdout.write(toYaml(rendered));
}

function fileOf({ path, object }: RenderedObject): OutputFile {
  return { path, text: toYamlDocument(object) };
}

/** No manifest, so neither `kubectl apply -f` nor a recursive source of Argo CD may take it for one. */
function patchFile(rendered: RenderedObject[]): OutputFile {
  const comments = [
    "# +argocd:skip-file-rendering",
    "# What the Argo CD Application that syncs this folder must say. If it has no such lists yet:",
    "#   kubectl patch application <name> -n <namespace> --type merge --patch-file application-patch.yaml",
    "# A merge patch replaces whole lists: add these entries by hand to lists it has.",
  ];
  const text = [...comments, toYamlDocument(applicationPatch(rendered))].join("\n");
  return { path: `${argoCdFolder}/application-patch.yaml`, text };
}

function changesText(source: string, folder: string, { written, unchanged, removed }: FolderChanges): string {
  return [
    `${source} is rendered in ${folder}: ${written.length} written, ${unchanged.length} unchanged, ${removed.length} removed.`,
    ...written.map((path) => `  + ${path}`),
    ...removed.map((path) => `  - ${path}`),
  ].join("\n");
}

function printJson(value: unknown): void {
  console.log(JSON.stringify(value, null, 2));
}
