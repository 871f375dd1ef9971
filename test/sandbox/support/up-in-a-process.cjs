// Starts a sandbox of its own from the compiled package, tells its parent when it is up, and stays, so that a test can kill
// the process that has started it.
const { up } = require("../../../packages/sandbox/dist/index.js");

void up({ name: process.argv[2], endWithCaller: true }).then(() => process.send("up"));
setInterval(() => undefined, 60_000);
