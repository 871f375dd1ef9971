module github.com/vllm-serving/sandbox-tools/documents

go 1.26.0

// Only files of these modules are used and none of their packages, so `go mod tidy` would remove these lines.
require (
	github.com/kedacore/keda/v2 v2.17.2
	github.com/kserve/kserve v0.15.2
)
