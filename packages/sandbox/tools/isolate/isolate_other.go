//go:build !linux

package main

import (
	"fmt"
	"runtime"
)

func run([]string) (int, error) {
	return 1, fmt.Errorf("%s has no network namespaces", runtime.GOOS)
}
