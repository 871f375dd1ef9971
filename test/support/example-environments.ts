import { readdirSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";

/** Where the examples are. */
export const examplesFolder = resolve(__dirname, "../../examples");

/** All files of the examples, by their paths in that folder. */
export const exampleFiles = readdirSync(examplesFolder, { recursive: true, encoding: "utf8" }).sort();

/** Environments of the projects that are configuration alone, e.g. `keda-setup/Pulumi.today.yaml`. */
export const exampleEnvironments = exampleFiles.filter(
  (file) => /^Pulumi\..+\.yaml$/.test(basename(file)) && exampleFiles.includes(join(dirname(file), "index.js")),
);
