import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { stringify } from "yaml";
import { findCluster } from "../../../src/config/kubeconfig-file";

const expected = { expect: { context: "*-cluster" } };
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "vllm-serving-kubeconfig-"));
  for (const name of ["one", "two"]) {
    writeFileSync(
      join(folder, name),
      stringify({
        "current-context": `${name}-cluster`,
        contexts: [{ name: `${name}-cluster`, context: { cluster: name, user: name } }],
        clusters: [{ name, cluster: { server: `https://${name}` } }],
        users: [{ name, user: {} }],
      }),
    );
  }
  writeFileSync(join(folder, "empty"), "\n");
  mkdirSync(join(folder, "folder"));
});
afterAll(() => rmSync(folder, { recursive: true }));

test("KUBECONFIG names the file", () => {
  expect(findCluster(expected, { KUBECONFIG: join(folder, "one") })).toMatchObject({
    ok: true,
    cluster: { context: "one-cluster", server: "https://one" },
  });
});

test("the configuration comes before KUBECONFIG", () => {
  const found = findCluster({ ...expected, kubeconfig: join(folder, "two") }, { KUBECONFIG: join(folder, "one") });
  expect(found).toMatchObject({ ok: true, cluster: { context: "two-cluster" } });
});

test("without either it is the home directory's", () => {
  const found = findCluster({ ...expected, kubeconfig: "~/no-such-file" }, {});
  expect(found).toEqual({ missing: join(homedir(), "no-such-file") });
});

test.each(["nowhere", "empty"])("%s: no cluster", (name) => {
  expect(findCluster(expected, { KUBECONFIG: join(folder, name) })).toEqual({ missing: join(folder, name) });
});

test("several files are one choice too many", () => {
  expect(findCluster(expected, { KUBECONFIG: `${join(folder, "one")}:${join(folder, "two")}` })).toEqual({
    ok: false,
    problems: [
      {
        path: "vllm-serving:cluster.kubeconfig",
        message: "Missing, and KUBECONFIG names 2 files: name one of them here.",
      },
    ],
  });
});

test("a relative path would depend on where the program runs", () => {
  expect(findCluster(expected, { KUBECONFIG: "one" })).toEqual({
    ok: false,
    problems: [
      {
        path: "vllm-serving:cluster.kubeconfig",
        message: "Missing, and KUBECONFIG is the relative path one: make it absolute.",
      },
    ],
  });
});

test("what cannot be read is a problem, not a cluster that is missing", () => {
  const path = join(folder, "folder");
  expect(findCluster(expected, { KUBECONFIG: path })).toEqual({
    ok: false,
    problems: [
      {
        path: "vllm-serving:cluster.kubeconfig",
        message: `${path} cannot be read: name another file, or allow it to be read.`,
      },
    ],
  });
});
