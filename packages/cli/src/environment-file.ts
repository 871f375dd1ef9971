import { existsSync, readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";

const stackFile = /^Pulumi\.(.+)\.yaml$/;

/**
 * The configuration file of an environment, relative to the current folder: `Pulumi.<environment>.yaml` beside the nearest
 * `Pulumi.yaml` upwards, as Pulumi finds it.
 *
 * @throws Error that names the environments there are
 */
export function environmentFile(environment: string, from: string = process.cwd()): string {
  const project = projectFolder(from);
  const found = readdirSync(project).flatMap((file) => stackFile.exec(file)?.[1] ?? []);
  if (!found.includes(environment)) {
    const known = found.length === 0 ? "has none" : `has ${found.sort().join(", ")}`;
    throw new Error(
      `There is no environment ${environment}: Pulumi.${environment}.yaml is not in ${project}, which ${known}.`,
    );
  }
  return relative(from, join(project, `Pulumi.${environment}.yaml`));
}

function projectFolder(from: string): string {
  if (existsSync(join(from, "Pulumi.yaml"))) return from;
  const parent = dirname(from);
  if (parent === from) {
    throw new Error(
      "There is no Pulumi.yaml here or in a folder above: give the configuration's file instead of --env.",
    );
  }
  return projectFolder(parent);
}
