import { accessSync, chmodSync, constants, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { execa } from "execa";
import { afterAll } from "vitest";
import { parse } from "yaml";
import { z } from "zod";

const jobSchema = z.object({
  metadata: z.object({ generateName: z.string(), namespace: z.string().optional() }),
  spec: z.object({
    activeDeadlineSeconds: z.number(),
    template: z.object({
      spec: z.object({
        securityContext: z.object({ runAsNonRoot: z.boolean(), runAsUser: z.number().optional() }),
        containers: z.tuple([
          z.object({
            image: z.string(),
            command: z.tuple([z.literal("sh"), z.literal("-c"), z.string()]),
            env: z.array(z.looseObject({ name: z.string(), value: z.string().optional() })),
          }),
        ]),
      }),
    }),
  }),
});
type Job = z.infer<typeof jobSchema>;

/** The Job that `wake --manifest` printed. */
export function parseJob(yaml: string): Job {
  return jobSchema.parse(parse(yaml));
}

/** Runs a Job's script as its container does, with the shell of this machine and the curl of a PATH. */
export async function runScript(job: Job, path: string, environment: Record<string, string> = {}) {
  const [{ command, env }] = job.spec.template.spec.containers;
  const values = Object.fromEntries(env.map(({ name, value }) => [name, value ?? ""]));
  const [shell, ...args] = command;
  const { exitCode, all } = await execa(shell, args, {
    env: { ...values, ...environment, PATH: path },
    reject: false,
    all: true,
  });
  return { exitCode, all };
}

/** PATHs with a curl: this machine's, where it has one, and one with a stand-in, which is always there. */
export function curls(): { name: string; path: string }[] {
  const programs = process.env.PATH ?? "";
  const folder = mkdtempSync(join(tmpdir(), "vllm-serving-curl-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const curl = join(folder, "curl");
  writeFileSync(curl, `#!/bin/sh\nexec "${process.execPath}" "${resolve(__dirname, "curl-stand-in.cjs")}" "$@"\n`);
  chmodSync(curl, 0o755);
  const there = programs.split(delimiter).some((each) => isProgram(join(each, "curl")));
  return [
    ...(there ? [{ name: "this machine's curl", path: programs }] : []),
    { name: "a stand-in for curl", path: [folder, programs].join(delimiter) },
  ];
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
