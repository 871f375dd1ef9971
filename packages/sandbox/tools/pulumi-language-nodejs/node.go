package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// A program that does not end on SIGINT within this time is killed.
const grace = 5 * time.Second

// nodeCommand is a node process that ends with the call it belongs to and with the host.
func (host *languageHost) nodeCommand(call context.Context, args []string, stdout, stderr io.Writer) (*exec.Cmd, error) {
	node, err := exec.LookPath("node")
	if err != nil {
		return nil, fmt.Errorf("could not find node on the $PATH: %w", err)
	}
	ctx, cancel := context.WithCancel(host.ctx)
	context.AfterFunc(call, cancel)
	cmd := exec.CommandContext(ctx, node, args...)
	cmd.Cancel = func() error {
		// Windows knows no interrupt for another process.
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			return cmd.Process.Kill()
		}
		return nil
	}
	cmd.WaitDelay = grace
	// Node sets a terminal or pipe it inherits to non-blocking, which then fails for this process: it gets pipes of its own.
	cmd.Stdout, cmd.Stderr = struct{ io.Writer }{stdout}, struct{ io.Writer }{stderr}
	return cmd, nil
}

// locateModule finds a file of the SDK that the program uses. Node itself resolves the name, as the program's imports are.
func locateModule(ctx context.Context, module, directory, installCommand string) (string, error) {
	script := fmt.Sprintf(
		`try { console.log(require.resolve(%q)); } catch (error) { `+
			`console.error(error.code === "MODULE_NOT_FOUND" ? %q : error.message); process.exit(1); }`,
		module,
		"It looks like the Pulumi SDK has not been installed. Have you run "+installCommand+"?")
	cmd := exec.CommandContext(ctx, "node", "-e", script)
	cmd.Dir = directory
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return "", errors.New(string(exit.Stderr))
	}
	return strings.TrimSpace(string(out)), err
}
