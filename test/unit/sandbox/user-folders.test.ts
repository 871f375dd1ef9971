import type * as os from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

/** What the system's list of users says; undefined for a user that is not in it. */
let home: string | undefined;
vi.mock("node:os", async (original) => {
  const real = await original<typeof os>();
  const userInfo = () => {
    if (home === undefined) throw new Error("uv_os_get_passwd returned ENOENT");
    return { ...real.userInfo(), homedir: home };
  };
  return { ...real, userInfo, default: { ...real, userInfo } };
});

const load = () => import("../../../packages/sandbox/src/user-folders.js");

beforeEach(() => {
  vi.resetModules();
  home = "/home/somebody";
  for (const name of ["VLLM_SERVING_STATE", "VLLM_SERVING_CACHE", "XDG_DATA_HOME", "XDG_CACHE_HOME"])
    vi.stubEnv(name, "");
});
afterEach(() => vi.unstubAllEnvs());

describe("the folders of a user", () => {
  it.each([
    [undefined, "/home/somebody"],
    ["", "/home/somebody"],
    ["/home/other", "/home/other"],
  ])("are looked for with a HOME: %j becomes %s", async (value, expected) => {
    vi.stubEnv("HOME", value);
    await load();
    expect(process.env.HOME).toBe(expected);
  });

  it("are wherever the variables say, also relative to where the command runs", async () => {
    vi.stubEnv("VLLM_SERVING_STATE", "state");
    vi.stubEnv("VLLM_SERVING_CACHE", "/cache");
    const { stateFolder, cacheFolder } = await load();
    expect([stateFolder(), cacheFolder()]).toEqual([resolve("state"), join("/", "cache")]);
  });

  it("say what to do where there is no home at all", async () => {
    vi.stubEnv("HOME", undefined);
    home = undefined;
    await expect(load()).rejects.toThrow(
      "HOME is not set, and this user has no entry in the system's list of users. Set HOME.",
    );
  });
});
