package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/config"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// The SDK ends with this code when it has told the user already what was wrong.
const alreadyReported = 32

// Run executes the program. It talks to the engine directly: since 3.142 the SDK needs neither upstream's proxy, which
// marked requests of older SDKs, nor its pipes for synchronous invokes.
func (host *languageHost) Run(ctx context.Context, req *pulumirpc.RunRequest) (*pulumirpc.RunResponse, error) {
	cmd, err := host.programCommand(ctx, req)
	if err != nil {
		return &pulumirpc.RunResponse{Error: err.Error()}, nil
	}
	return programResult(cmd.Run()), nil
}

func (host *languageHost) programCommand(ctx context.Context, req *pulumirpc.RunRequest) (*exec.Cmd, error) {
	if req.GetAttachDebugger() {
		return nil, errors.New("this language host cannot attach a debugger; use nodeargs: --inspect-brk instead")
	}
	options, err := parseOptions(req.GetInfo())
	if err != nil {
		return nil, err
	}
	settings, err := configuration(req)
	if err != nil {
		return nil, err
	}
	module := os.Getenv("PULUMI_LANGUAGE_NODEJS_RUN_PATH")
	if module == "" {
		module = "@pulumi/pulumi/cmd/run"
	}
	runner, err := locateModule(ctx, module, req.GetInfo().GetProgramDirectory(), "pulumi install")
	if err != nil {
		return nil, err
	}
	args := append(append(options.nodeArguments, runner), host.programArguments(req)...)
	cmd, err := host.nodeCommand(ctx, args, os.Stdout, os.Stderr)
	if err != nil {
		return nil, err
	}
	cmd.Env = append(append(os.Environ(), settings...), options.environment()...)
	return cmd, nil
}

func (host *languageHost) programArguments(req *pulumirpc.RunRequest) []string {
	var args []string
	for _, flag := range [][2]string{
		{"monitor", req.GetMonitorAddress()},
		{"engine", host.engineAddress},
		{"organization", req.GetOrganization()},
		{"project", req.GetProject()},
		{"root-directory", req.GetInfo().GetRootDirectory()},
		{"stack", req.GetStack()},
		{"pwd", req.GetInfo().GetProgramDirectory()},
		{"parallel", strconv.Itoa(int(req.GetParallel()))},
		{"tracing", host.tracing},
	} {
		if flag[1] != "" {
			args = append(args, "--"+flag[0], flag[1])
		}
	}
	if req.GetDryRun() {
		args = append(args, "--dry-run")
	}
	return append(append(args, req.GetInfo().GetEntryPoint()), req.GetArgs()...)
}

// configuration gives the stack's configuration to the SDK, in environment variables.
func configuration(req *pulumirpc.RunRequest) ([]string, error) {
	values := map[string]string{}
	for name, value := range req.GetConfig() {
		key, err := config.ParseKey(name)
		if err != nil {
			return nil, fmt.Errorf("failed to serialize configuration: %w", err)
		}
		// The spelling every SDK understands.
		values[key.Namespace()+":config:"+key.Name()] = value
	}
	secrets := req.GetConfigSecretKeys()
	if secrets == nil {
		secrets = []string{}
	}
	valuesJSON, err := json.Marshal(values)
	if err != nil {
		return nil, fmt.Errorf("failed to serialize configuration: %w", err)
	}
	secretsJSON, err := json.Marshal(secrets)
	if err != nil {
		return nil, fmt.Errorf("failed to serialize configuration secret keys: %w", err)
	}
	return []string{"PULUMI_CONFIG=" + string(valuesJSON), "PULUMI_CONFIG_SECRET_KEYS=" + string(secretsJSON)}, nil
}

func programResult(err error) *pulumirpc.RunResponse {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return &pulumirpc.RunResponse{}
	case !errors.As(err, &exit):
		return &pulumirpc.RunResponse{
			Error: fmt.Sprintf("Problem executing program (could not run language executor): %v", err),
		}
	case exit.ExitCode() == alreadyReported:
		return &pulumirpc.RunResponse{Bail: true}
	default:
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("Program exited with non-zero exit code: %d", exit.ExitCode())}
	}
}
