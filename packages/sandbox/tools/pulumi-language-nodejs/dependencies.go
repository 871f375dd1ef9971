package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/executable"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	"github.com/pulumi/pulumi/sdk/v3/nodejs/npm"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// InstallDependencies is `pulumi install`.
func (host *languageHost) InstallDependencies(
	req *pulumirpc.InstallDependenciesRequest, stream pulumirpc.LanguageRuntime_InstallDependenciesServer,
) error {
	closer, stdout, stderr, err := rpcutil.MakeInstallDependenciesStreams(stream, req.GetIsTerminal())
	if err != nil {
		return err
	}
	defer func() { _ = closer.Close() }()
	options, err := parseOptions(req.GetInfo())
	if err != nil {
		return err
	}
	directory := req.GetInfo().GetProgramDirectory()
	workspaceRoot, err := npm.FindWorkspaceRoot(directory)
	switch {
	case err == nil:
		fmt.Fprintf(stdout, "Detected workspace root at %s\n", workspaceRoot)
		directory = workspaceRoot
	case !errors.Is(err, npm.ErrNotInWorkspace):
		return fmt.Errorf("failure while trying to find workspace root: %w", err)
	}
	if req.GetUseLanguageVersionTools() {
		fmt.Fprintln(stderr, "This language host installs no Node.js; the one on the $PATH is used.")
	}
	fmt.Fprint(stdout, "Installing dependencies...\n\n")
	ctx, cancel := context.WithCancel(stream.Context())
	defer cancel()
	defer context.AfterFunc(host.ctx, cancel)()
	if _, err := npm.Install(ctx, options.packageManager, directory, options.production, stdout, stderr); err != nil {
		return err
	}
	fmt.Fprint(stdout, "Finished installing dependencies\n\n")
	return closer.Close()
}

func (host *languageHost) GetProgramDependencies(
	ctx context.Context, req *pulumirpc.GetProgramDependenciesRequest,
) (*pulumirpc.GetProgramDependenciesResponse, error) {
	manager, err := packageManager(req.GetInfo())
	if err != nil {
		return nil, err
	}
	packages, err := manager.ListPackages(ctx, req.GetInfo().GetProgramDirectory(), req.GetTransitiveDependencies())
	if err != nil {
		return nil, fmt.Errorf("failed to get node dependencies: %w", err)
	}
	response := &pulumirpc.GetProgramDependenciesResponse{}
	for _, one := range packages {
		response.Dependencies = append(response.Dependencies,
			&pulumirpc.DependencyInfo{Name: one.Name, Version: one.Version})
	}
	return response, nil
}

// RuntimeOptionsPrompts is asked by `pulumi new`.
func (host *languageHost) RuntimeOptionsPrompts(
	_ context.Context, req *pulumirpc.RuntimeOptionsRequest,
) (*pulumirpc.RuntimeOptionsResponse, error) {
	if _, chosen := req.GetInfo().GetOptions().AsMap()["packagemanager"]; chosen {
		return &pulumirpc.RuntimeOptionsResponse{}, nil
	}
	return &pulumirpc.RuntimeOptionsResponse{Prompts: []*pulumirpc.RuntimeOptionPrompt{{
		Key:         "packagemanager",
		Description: "The package manager to use for installing dependencies",
		PromptType:  pulumirpc.RuntimeOptionPrompt_STRING,
		Choices:     plugin.MakeExecutablePromptChoices("npm", "pnpm", "yarn", "bun"),
		Default: &pulumirpc.RuntimeOptionPrompt_RuntimeOptionValue{
			PromptType:  pulumirpc.RuntimeOptionPrompt_STRING,
			StringValue: "npm",
		},
	}}}, nil
}

// About is for `pulumi about`. Versions that cannot be had are left out.
func (host *languageHost) About(
	ctx context.Context, req *pulumirpc.AboutRequest,
) (*pulumirpc.AboutResponse, error) {
	manager, err := packageManager(req.GetInfo())
	if err != nil {
		return nil, err
	}
	node, err := executable.FindExecutable("node")
	if err != nil {
		return nil, fmt.Errorf("could not find executable \"node\": %w", err)
	}
	directory := req.GetInfo().GetProgramDirectory()
	metadata := map[string]string{"packagemanager": manager.Name()}
	if version, err := manager.Version(); err == nil {
		metadata["packagemanagerVersion"] = version.String()
	}
	// What the program would load, which a tsc on the PATH need not be.
	typescript := "console.log(require('typescript/package.json').version)"
	if version := output(ctx, directory, node, "-e", typescript); version != "" {
		metadata["typescriptVersion"] = version
	}
	return &pulumirpc.AboutResponse{
		Executable: node,
		Version:    output(ctx, directory, node, "--version"),
		Metadata:   metadata,
	}, nil
}

func packageManager(info *pulumirpc.ProgramInfo) (npm.PackageManager, error) {
	options, err := parseOptions(info)
	if err != nil {
		return nil, err
	}
	manager, err := npm.ResolvePackageManager(options.packageManager, info.GetProgramDirectory())
	if err != nil {
		return nil, fmt.Errorf("could not resolve packagemanager: %w", err)
	}
	return manager, nil
}

func output(ctx context.Context, directory, program string, args ...string) string {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = directory
	out, err := cmd.Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}
