module github.com/vllm-serving/sandbox-tools/kserve-legacy

go 1.26.0

// Only files of this module are used and none of its packages, so `go mod tidy` would remove this line.
require github.com/kserve/kserve v0.15.2
