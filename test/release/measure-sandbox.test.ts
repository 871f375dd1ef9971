import { resolve } from "node:path";
import { execa } from "execa";
import { expect, it } from "vitest";

const command = resolve(__dirname, "../../packages/cli/bin/vllm-serving.cjs");

it("sandbox measure tells when the steps of a start were done, and what the parts hold", async () => {
  const { stdout } = await execa(process.execPath, [command, "sandbox", "measure", "--runs", "1"]);
  expect(stdout).toMatch(/^One warm start on \d+ cores \(.+\) with \d+ GB\.$/m);
  expect(stdout).toMatch(/^\| Joining KEDA to the API server \| \d+\.\d s \| \d+\.\d s \| \d+\.\d s \|$/m);
  expect(stdout).toMatch(/^\| \*\*everything serves\*\* \| \d+\.\d s \| \d+\.\d s \| \d+\.\d s \|$/m);
  expect(stdout).toMatch(/^\| kube-apiserver \| [1-9]\d* MB \|$/m);
  expect(stdout).toMatch(/^\| \*\*all parts\*\* \| [1-9]\d* MB \(\d+ MB to \d+ MB\) \|$/m);
});
