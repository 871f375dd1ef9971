module github.com/vllm-serving/sandbox-tools/prometheus-operator

go 1.26.0

// Only files of this module are used and none of its packages, so `go mod tidy` would remove this line.
require github.com/prometheus-operator/prometheus-operator v0.93.0
