module github.com/vllm-serving/sandbox-tools/charts

go 1.26.0

// Only the charts in these modules are used and none of their packages, so `go mod tidy` would remove these lines.
require (
	github.com/cert-manager/cert-manager v1.21.2
	github.com/kserve/kserve v0.20.0
	knative.dev/operator v0.50.0
)
