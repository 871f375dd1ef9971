package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"

	"github.com/pulumi/pulumi/sdk/v3"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// RunPlugin runs a component provider or a policy pack until the engine ends the call.
func (host *languageHost) RunPlugin(
	req *pulumirpc.RunPluginRequest, stream pulumirpc.LanguageRuntime_RunPluginServer,
) error {
	if req.GetAttachDebugger() {
		return errors.New("this language host cannot attach a debugger")
	}
	closer, stdout, stderr, err := rpcutil.MakeRunPluginStreams(stream, false)
	if err != nil {
		return err
	}
	defer func() { _ = closer.Close() }()
	directory := req.GetInfo().GetProgramDirectory()
	options, err := parseOptions(req.GetInfo())
	if err != nil {
		return err
	}
	isPolicyPack := req.GetKind() == string(apitype.AnalyzerPlugin)
	runner, err := locateModule(stream.Context(), pluginRunner(isPolicyPack), directory, "npm install in "+directory)
	if err != nil {
		return err
	}
	args := append(options.nodeArguments, runner)
	environment := append(req.GetEnv(), options.environment()...)

	if !isPolicyPack {
		cmd, err := host.nodeCommand(stream.Context(), append(append(args, directory), req.GetArgs()...), stdout, stderr)
		if err != nil {
			return err
		}
		cmd.Dir, cmd.Env = req.GetPwd(), environment
		return pluginError(cmd.Run())
	}

	// A policy pack reads the stack's configuration from its environment. The engine sends it only to a running policy
	// pack, so this proxy is that until the real one has started.
	proxy, stdout, err := sdk.NewPolicyProxy(stream.Context(), stdout)
	if err != nil {
		return fmt.Errorf("could not start policy pack proxy: %w", err)
	}
	stack, err := proxy.AwaitConfiguration(stream.Context())
	if err != nil {
		return fmt.Errorf("could not get stack configuration: %w", err)
	}
	settings, err := policyEnvironment(stack)
	if err != nil {
		return err
	}
	cmd, err := host.nodeCommand(stream.Context(), append(append(args, req.GetArgs()...), directory), stdout, stderr)
	if err != nil {
		return err
	}
	// Policy packs always ran in their own folder.
	cmd.Dir, cmd.Env = directory, append(environment, settings...)
	if err := cmd.Start(); err != nil {
		return pluginError(err)
	}
	// Waits for the end of the process, also when the call is cancelled.
	return pluginError(proxy.Attach(context.WithoutCancel(stream.Context()), cmd))
}

func pluginRunner(isPolicyPack bool) string {
	if isPolicyPack {
		return "@pulumi/pulumi/cmd/run-policy-pack"
	}
	if module := os.Getenv("PULUMI_LANGUAGE_NODEJS_RUN_PATH"); module != "" {
		return module
	}
	return "@pulumi/pulumi/cmd/run-plugin"
}

func policyEnvironment(stack *pulumirpc.AnalyzerStackConfigureRequest) ([]string, error) {
	if stack == nil {
		return nil, nil
	}
	values := [][2]string{
		{"PULUMI_NODEJS_ORGANIZATION", stack.GetOrganization()},
		{"PULUMI_NODEJS_PROJECT", stack.GetProject()},
		{"PULUMI_NODEJS_STACK", stack.GetStack()},
		{"PULUMI_NODEJS_DRY_RUN", strconv.FormatBool(stack.GetDryRun())},
	}
	if stack.GetConfig() != nil {
		configuration, err := json.Marshal(stack.GetConfig())
		if err != nil {
			return nil, fmt.Errorf("could not marshal stack configuration: %w", err)
		}
		values = append(values, [2]string{"PULUMI_CONFIG", string(configuration)})
	}
	var environment []string
	for _, value := range values {
		if value[1] != "" {
			environment = append(environment, value[0]+"="+value[1])
		}
	}
	return environment, nil
}

func pluginError(err error) error {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &exit):
		return fmt.Errorf("Program exited with non-zero exit code: %d", exit.ExitCode())
	default:
		return fmt.Errorf("Problem executing plugin program (could not run language executor): %w", err)
	}
}
