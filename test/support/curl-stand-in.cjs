// What the Job's script of `vllm-serving wake` uses of curl, for machines without it: one GET, a header more from the standard input.
const { readFileSync } = require("node:fs");
const { request } = require("node:http");
const { parseArgs } = require("node:util");

const text = { type: "string" };
const flag = { type: "boolean" };
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    config: text,
    silent: flag,
    "show-error": flag,
    "max-time": text,
    header: { ...text, multiple: true },
    "write-out": text,
  },
});
const configured = [...readFileSync(0, "utf8").matchAll(/^header = "(.*)"$/gm)].map(([, header]) => header);
const headers = Object.fromEntries([...values.header, ...configured].map((header) => header.split(/: (.*)/s)));

const asked = request(positionals[0], { headers, timeout: Number(values["max-time"]) * 1000 }, (response) => {
  response.setEncoding("utf8");
  response.on("data", (chunk) => process.stdout.write(chunk));
  response.on("end", () =>
    process.stdout.write(values["write-out"].replace("\\n", "\n").replace("%{http_code}", response.statusCode)),
  );
});
asked.on("timeout", () => asked.destroy(new Error("timed out")));
asked.on("error", (error) => {
  console.error(`curl: ${error.message}`);
  process.exitCode = 28;
});
asked.end();
