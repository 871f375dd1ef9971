import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { installedLanguageHost } from "../../../../packages/sandbox/src/tools/installed-language-host";

const scratch = realpathSync(mkdtempSync(join(tmpdir(), "vllm-serving-language-host-")));
afterAll(() => rmSync(scratch, { recursive: true }));

/** A folder with a language host that says this. */
function folderWith(script: string, mode = 0o755): string {
  const folder = mkdtempSync(join(scratch, "bin-"));
  writeFileSync(join(folder, "pulumi-language-nodejs"), `#!/bin/sh\n${script}\n`, { mode });
  return folder;
}

describe("the language host on the PATH", () => {
  it.each(["3.259.0", "v3.259.0", "3.259.4", "3.300.0"])("is used in version %s", async (version) => {
    const folder = folderWith(`test "$1" = -version && echo ${version}`);
    expect(await installedLanguageHost([scratch, folder].join(delimiter))).toEqual({
      path: join(folder, "pulumi-language-nodejs"),
      version: version.replace("v", ""),
    });
  });

  it.each(["3.68.0", "3.258.9", "4.259.0", "2.300.0", "v3.259.0+vllm-serving", "3.260.0-dev.1", "unknown", ""])(
    "is left alone in version '%s'",
    async (version) => {
      expect(await installedLanguageHost(folderWith(`echo '${version}'`))).toBeUndefined();
    },
  );

  it("is left alone where it does not run", async () => {
    expect(await installedLanguageHost(folderWith("echo 3.259.0; exit 1"))).toBeUndefined();
    expect(await installedLanguageHost(folderWith("echo 3.259.0", 0o644))).toBeUndefined();
    expect(await installedLanguageHost("")).toBeUndefined();
  });
});
