#!/usr/bin/env node
// A file of its own, because npm makes the link to it when it installs, before anything is built in a clone.
const { existsSync } = require("node:fs");
const { join } = require("node:path");

const main = join(__dirname, "../dist/main.js");
if (existsSync(main)) {
  void require(main).run();
} else {
  console.error("vllm-serving is not built yet: run `npm run build` in the clone.");
  process.exitCode = 1;
}
