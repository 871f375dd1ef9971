module github.com/vllm-serving/sandbox-tools/olm

go 1.26.0

// Only files of this module are used and none of its packages, so `go mod tidy` would remove this line.
require github.com/operator-framework/api v0.41.0
