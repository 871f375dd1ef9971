// Command isolate runs a program in a network namespace that has only a loopback interface.
//
//	isolate PROGRAM [ARGUMENT...]   runs it, passes signals to it and its exit code back
//	isolate --check                 exits with 0 if that works here, otherwise says why not
package main

import (
	"fmt"
	"os"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: isolate PROGRAM [ARGUMENT...] | isolate --check")
		os.Exit(2)
	}
	code, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "isolate:", err)
		os.Exit(1)
	}
	os.Exit(code)
}
