import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, inject, it } from "vitest";
import { z } from "zod";
import { waitFor } from "./support/cluster";
import { processTree, stillRunning } from "./support/processes";
import { PulumiProject, projectsFolder } from "./support/pulumi-project";

const sandbox = inject("sandbox");
const folder = projectsFolder();
afterAll(() => rmSync(folder, { recursive: true }));

const policyPack = PulumiProject.fromFixture(sandbox, folder, "policy-pack");
const policyEvents = z.object({
  policyEvent: z.object({ policyName: z.string(), enforcementLevel: z.string(), message: z.string() }).optional(),
});

it("runs transforms and resource hooks, and a policy pack sees what they made", async () => {
  const project = PulumiProject.fromFixture(sandbox, folder, "transforms-and-hooks");
  await project.must("stack", "init", "hooks");
  const preview = await project.start(["preview", "--json", "--policy-pack", policyPack.folder], {
    PULUMI_ENABLE_STREAMING_JSON_PREVIEW: "true",
  });
  const events = preview.stdout.split("\n").flatMap((line) => policyEvents.parse(JSON.parse(line)).policyEvent ?? []);
  expect(events).toEqual([
    {
      policyName: "no-settings",
      enforcementLevel: "mandatory",
      message: expect.stringContaining("settings has data from transform"),
    },
  ]);
  expect(preview.exitCode).toBe(1);
  await project.must("up", "--yes", "--skip-preview");
  expect(readFileSync(join(project.folder, "hooks.txt"), "utf8")).toBe(
    "urn:pulumi:hooks::transforms-and-hooks::kubernetes:core/v1:ConfigMap::settings transform\n",
  );
  await project.remove("hooks");
});

describe("a program that fails", () => {
  const project = PulumiProject.fromFixture(sandbox, folder, "errors");
  const unhandled = /failed with an unhandled exception:\s+(<ref \*1> )?Error: no such model/;

  it.each([
    { way: "thrown", shows: unhandled },
    { way: "rejected", shows: unhandled },
    { way: "exit", shows: /error: an unhandled error occurred: Program exited with non-zero exit code: 3\n/ },
  ])("is shown as with the official host: $way", async ({ way, shows }) => {
    await project.must("stack", "init", way, "--no-select");
    const preview = await project.pulumi("preview", "--stack", way, "--config", `way=${way}`);
    expect(preview.output).toMatch(shows);
    expect(preview.output.includes("Program exited")).toBe(way === "exit");
    expect(preview.exitCode).toBe(1);
  });
});

describe.each(["SIGINT", "SIGKILL"] as const)("after %s", (signal) => {
  it("nothing of a running program and its policy pack is left", async () => {
    const project = PulumiProject.fromFixture(sandbox, folder, "never-ending");
    await project.must("stack", "init", signal.toLowerCase());
    const preview = project.start(["preview", "--policy-pack", policyPack.folder]);
    await waitFor("the program", async () => existsSync(join(project.folder, "running")));
    const processes = processTree(preview.pid ?? 0);
    const running = (part: string) => processes.filter(({ command }) => command.includes(part)).length;
    expect([running("cmd/run/"), running("cmd/run-policy-pack/")]).toEqual([1, 1]);
    preview.kill(signal);
    await preview;
    await waitFor("the end of all children", async () => stillRunning(processes).length === 0);
    rmSync(project.folder, { recursive: true });
  });
});
