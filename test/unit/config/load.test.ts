import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadConfigurationFile, stackFileText } from "../../../src/config/load";
import { parseConfiguration } from "../../../src/config/parse";
import { validConfiguration } from "./valid-configuration";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "vllm-serving-load-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function load(text: string) {
  const path = join(folder, "Pulumi.test.yaml");
  writeFileSync(path, text);
  return loadConfigurationFile(path);
}

test("takes our keys, known or not, and leaves those of others", () => {
  expect(
    load(`
config:
  pulumi:disable-default-providers: [kubernetes]
  vllm-serving:models: [{ name: llama }]
  vllm-serving:modles: []
  vllm-serving:platform:
    secure: v1:abc
encryptionsalt: v1:def
`),
  ).toEqual({ models: [{ name: "llama" }], modles: [], platform: { secure: "v1:abc" } });
});

test("what is written for a stack is read as it was", () => {
  const parsed = parseConfiguration(validConfiguration());
  const text = parsed.ok ? stackFileText(parsed.configuration) : "";
  expect(text).toMatch(
    /^config:\n {2}pulumi:disable-default-providers:\n {4}- kubernetes\n {2}vllm-serving:cluster:\n/,
  );
  expect(load(text)).toEqual(validConfiguration());
});

test("a file without configuration is named", () => {
  expect(() => load("name: vllm-serving")).toThrow(
    `${join(folder, "Pulumi.test.yaml")} is no stack configuration: it has no mapping \`config\` at its top`,
  );
});

test("a file that is not there, or is no YAML, is named", () => {
  const missing = join(folder, "missing.yaml");
  expect(() => loadConfigurationFile(missing)).toThrow(`${missing} cannot be read: ENOENT`);
  expect(() => load("config: [")).toThrow(`${join(folder, "Pulumi.test.yaml")} cannot be read: Flow sequence`);
});
