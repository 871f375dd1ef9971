module github.com/vllm-serving/sandbox-tools/definitions

go 1.26.0

// Only files of these modules are used and none of their packages, so `go mod tidy` would remove these lines.
require (
	github.com/cert-manager/cert-manager v1.21.2
	github.com/kserve/kserve v0.20.0
	github.com/operator-framework/api v0.42.0
	knative.dev/operator v0.50.0
	knative.dev/serving v0.48.1
	sigs.k8s.io/gateway-api v1.5.1
)
