import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { writeFolder } from "../../../../packages/cli/src/render/output-folder";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "vllm-serving-render-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const one = { path: "00-one.yaml", text: "one: 1\n" };
const two = { path: "10-two.yaml", text: "two: 2\n" };
const patch = { path: "argo-cd/patch.yaml", text: "patch: true\n" };

const write = (files: { path: string; text: string }[], source = "Pulumi.a.yaml") =>
  writeFolder(join(folder, "out"), source, files, ["argo-cd"]);
const read = (path: string) => readFileSync(join(folder, "out", path), "utf8");

test("writes what is new or changed, and removes what it wrote and no longer renders", () => {
  expect(write([one, two, patch])).toEqual({
    written: ["00-one.yaml", "10-two.yaml", "argo-cd/patch.yaml"],
    unchanged: [],
    removed: [],
  });
  expect(read("00-one.yaml")).toMatch(/^# Rendered by vllm-serving from Pulumi\.a\.yaml: .*\none: 1\n$/);
  expect(write([{ ...one, text: "one: 2\n" }, two])).toEqual({
    written: ["00-one.yaml"],
    unchanged: ["10-two.yaml"],
    removed: ["argo-cd/patch.yaml"],
  });
  expect(read("00-one.yaml")).toMatch(/\none: 2\n$/);
});

test("leaves files of others alone: unmarked ones, those of another environment, and what lies deeper", () => {
  write([one]);
  write([two], "Pulumi.b.yaml");
  mkdirSync(join(folder, "out/deeper"));
  writeFileSync(join(folder, "out/deeper/00-old.yaml"), read("00-one.yaml"));
  writeFileSync(join(folder, "out/kustomization.yaml"), "resources: []\n");
  expect(write([])).toEqual({ written: [], unchanged: [], removed: ["00-one.yaml"] });
  expect(readdirSync(join(folder, "out")).sort()).toEqual(["10-two.yaml", "deeper", "kustomization.yaml"]);
  expect(existsSync(join(folder, "out/deeper/00-old.yaml"))).toBe(true);
});

test("keeps a file whose first line somebody took away", () => {
  write([one]);
  writeFileSync(join(folder, "out/00-one.yaml"), "one: mine\n");
  expect(write([])).toEqual({ written: [], unchanged: [], removed: [] });
  expect(read("00-one.yaml")).toBe("one: mine\n");
});

test("refuses to write over anybody else's file, and then writes nothing", () => {
  write([two], "Pulumi.b.yaml");
  symlinkSync(join(folder, "elsewhere"), join(folder, "out/20-link.yaml"));
  const link = { path: "20-link.yaml", text: "" };
  expect(() => write([one, two, link])).toThrow(
    `Not rendered from Pulumi.a.yaml, as their first line would say, but in the way are:\n  ${join(folder, "out/10-two.yaml")}\n  ${join(folder, "out/20-link.yaml")}`,
  );
  expect(existsSync(join(folder, "out/00-one.yaml"))).toBe(false);
});
