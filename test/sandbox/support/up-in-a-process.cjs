// Starts the sandbox named on the command line, from the compiled package, so that a test can kill the process that does it.
const { up } = require("../../../packages/sandbox/dist/index.js");

void up({ name: process.argv[2] });
