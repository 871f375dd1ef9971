module github.com/vllm-serving/sandbox-tools/isolate

go 1.26.0
