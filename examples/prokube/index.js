module.exports = require("vllm-serving/program");
