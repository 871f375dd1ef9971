import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { installProvider } from "../../../../packages/sandbox/src/provider/install";

const program = "pulumi-resource-kubernetes";
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "vllm-serving-install-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const options = () => ({
  pulumiHome: join(folder, "home"),
  userPulumiHome: join(folder, "user"),
  searchPath: [join(folder, "bin")],
  version: "1.2.3",
});
const installed = () => join(folder, "home", "plugins", "resource-kubernetes-v1.2.3", program);

/** A plugin that answers nothing but prints a line. */
function plugin(path: string, text: string): void {
  mkdirSync(resolve(path, ".."), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, 0o755);
}

describe("installProvider", () => {
  it("writes the stand-in, run by this Node, and nothing else", async () => {
    expect(await installProvider(options())).toEqual({ provider: "stand-in" });
    expect(readFileSync(installed(), "utf8")).toBe(
      `#!/bin/sh\nexec '${process.execPath}' '${resolve("packages/sandbox/dist/provider/main.js")}' "$@"\n`,
    );
    expect(lstatSync(installed()).mode & 0o777).toBe(0o755);
    expect(readdirSync(join(folder, "home", "plugins"))).toEqual(["resource-kubernetes-v1.2.3"]);
    expect(readdirSync(folder)).toEqual(["home"]);
  });

  it("links the official plugin of that version, and replaces what was there", async () => {
    await installProvider(options());
    const official = join(folder, "user", "plugins", "resource-kubernetes-v1.2.3", program);
    plugin(official, "#!/bin/sh\n");
    expect(await installProvider(options())).toEqual({ provider: "official" });
    expect(readlinkSync(installed())).toBe(official);
    expect(readdirSync(join(folder, "home", "plugins"))).toEqual(["resource-kubernetes-v1.2.3"]);
  });

  it("does not take another version, or a program that is no plugin", async () => {
    plugin(join(folder, "user", "plugins", "resource-kubernetes-v1.2.4", program), "#!/bin/sh\n");
    plugin(join(folder, "bin", program), "#!/bin/sh\necho no port\n");
    expect(await installProvider(options())).toEqual({ provider: "stand-in" });
  });
});
