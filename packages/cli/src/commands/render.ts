import { basename } from "node:path";
import type { Command } from "commander";
import {
  applicationPatch,
  forArgoCd,
  type NumberedRelease,
  type RenderedObject,
  renderBeside,
  renderConfiguration,
  toYaml,
  toYamlDocument,
} from "vllm-serving/config";
import { printJson, readConfiguration, sourceOf } from "../read-configuration";
import { type FolderChanges, type OutputFile, writeFolder } from "../render/output-folder";

interface RenderFlags {
  env?: string;
  out?: string;
  argoCd?: boolean;
  json?: boolean;
}

const argoCdFolder = "argo-cd";
const helmFolder = "helm";

const help = `
Needs no cluster and no passphrase. A file of --out begins with the step it is applied in, so kubectl apply -f applies them in order;
files that a former rendering of the same configuration left there are removed, others never.

Exit codes: 0 rendered, 1 the configuration is wrong or a file could not be written.

Examples:
  $ vllm-serving render Pulumi.kubernetes.yaml > manifests.yaml
  $ vllm-serving render --env kubernetes --out manifests
  $ vllm-serving render --env openshift --out manifests --argo-cd`;

/** `vllm-serving render`: the objects a stack would create, as YAML. */
export function configureRenderCommand(command: Command): void {
  command
    .argument("[file]", "stack configuration, e.g. Pulumi.kubernetes.yaml")
    .option("--env <name>", "instead of a file: the environment, whose file is Pulumi.<name>.yaml")
    .option("--out <folder>", "write one file an object into this folder instead of printing")
    .option("--argo-cd", "add sync waves, and the patch of the Argo CD Application that syncs the folder of --out")
    .option("--json", "print JSON: the objects, or with --out what was written")
    .addHelpText("after", help)
    .action((file: string | undefined, flags: RenderFlags) => {
      const source = sourceOf(file, flags.env);
      const configuration = readConfiguration(source, flags.json === true);
      if (configuration === undefined) return;
      const plain = renderConfiguration(configuration);
      const rendered = flags.argoCd === true ? forArgoCd(plain) : plain;
      const { releases, notes, warnings } = renderBeside(configuration);
      for (const note of notes) console.error(note);
      for (const warning of warnings) console.error(`Warning: ${warning}`);
      if (flags.out === undefined) return print(rendered, releases, flags);
      const manifests = rendered.map(fileOf).sort((a, b) => (a.path < b.path ? -1 : 1));
      const patch = flags.argoCd === true ? [patchFile(rendered)] : [];
      const files = [...manifests, ...releases.map(releaseFile), ...patch];
      const changes = writeFolder(flags.out, basename(source), files, [argoCdFolder, helmFolder]);
      if (flags.json === true) printJson({ source, folder: flags.out, ...changes });
      else console.log(changesText(source, flags.out, changes));
    });
}

function print(rendered: RenderedObject[], releases: NumberedRelease[], flags: RenderFlags): void {
  if (flags.argoCd === true)
    throw new Error("--argo-cd needs --out: the patch of the Application is a file of its own.");
  if (flags.json === true) {
    printJson({ objects: rendered, releases });
    return;
  }
  process.stdout.write(toYaml(rendered));
  if (releases.length === 0) return;
  const names = releases.map(({ name }) => name).join(", ");
  console.error(`Not in this stream are Helm releases, whose values and commands --out writes: ${names}.`);
}

function fileOf({ path, object }: RenderedObject): OutputFile {
  return { path, text: toYamlDocument(object) };
}

/** Argo CD reads no file that holds this, as a recursive source would otherwise. */
const noManifest = "# +argocd:skip-file-rendering";

/** The values of a Helm release, with the command that installs it. */
function releaseFile(release: NumberedRelease): OutputFile {
  const file = `${release.step}-${release.name}.yaml`;
  const flags = [
    ...(release.repository === undefined ? [] : ["--repo", release.repository]),
    ...["--version", release.version, "--namespace", release.namespace],
    ...(release.disableOpenapiValidation === true ? ["--disable-openapi-validation"] : []),
    ...["--wait", "--timeout", `${release.timeoutSeconds}s`, "--values", file],
  ];
  const comments = [
    noManifest,
    "# Values of a Helm release, which comes after the namespaces and before everything else. In this folder, in the order of the files:",
    `#   helm upgrade --install ${release.name} ${release.chart} ${flags.join(" ")}`,
  ];
  return { path: `${helmFolder}/${file}`, text: [...comments, toYamlDocument(release.values)].join("\n") };
}

function patchFile(rendered: RenderedObject[]): OutputFile {
  const comments = [
    noManifest,
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
