// `npm run demo`: everything from a fresh clone to the summary. Options go to `vllm-serving demo`.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { prepare, root } from "./prepare.mjs";

prepare();
const demo = spawn(
  process.execPath,
  [join(root, "packages/cli/bin/vllm-serving.cjs"), "demo", ...process.argv.slice(2)],
  {
    cwd: root,
    stdio: "inherit",
  },
);
// Ctrl-C reaches the whole foreground group; the demo cleans up and decides the exit code, so this process only waits.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => demo.kill("SIGTERM"));
process.on("SIGHUP", () => demo.kill("SIGHUP"));
demo.on("exit", (code) => process.exit(code ?? 1));
