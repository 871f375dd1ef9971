package main

import (
	"errors"
	"fmt"

	"github.com/google/shlex"
	"github.com/pulumi/pulumi/sdk/v3/nodejs/npm"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// runtimeOptions are those of `runtime: {name: nodejs, options: ...}` in Pulumi.yaml.
type runtimeOptions struct {
	// Load TypeScript through ts-node; on unless it is switched off.
	typescript bool
	tsconfig   string
	// Arguments of node itself.
	nodeArguments  []string
	packageManager npm.PackageManagerType
	// Leave out devDependencies.
	production bool
}

var packageManagers = map[string]npm.PackageManagerType{
	"auto": npm.AutoPackageManager,
	"npm":  npm.NpmPackageManager,
	"yarn": npm.YarnPackageManager,
	"pnpm": npm.PnpmPackageManager,
	"bun":  npm.BunPackageManager,
}

// parseOptions names all wrong options at once.
func parseOptions(info *pulumirpc.ProgramInfo) (runtimeOptions, error) {
	given := info.GetOptions().AsMap()
	var problems []error
	typescript := option(given, "typescript", true, &problems)
	tsconfig := option(given, "tsconfig", "", &problems)
	production := option(given, "production", false, &problems)
	nodeArguments, err := shlex.Split(option(given, "nodeargs", "", &problems))
	if err != nil {
		problems = append(problems, fmt.Errorf("nodeargs option cannot be split into words: %w", err))
	}
	name := option(given, "packagemanager", "auto", &problems)
	packageManager, known := packageManagers[name]
	if !known {
		problems = append(problems,
			fmt.Errorf("packagemanager option must be one of auto, npm, yarn, pnpm or bun, got %q", name))
	}
	return runtimeOptions{typescript, tsconfig, nodeArguments, packageManager, production}, errors.Join(problems...)
}

func option[T any](given map[string]any, name string, fallback T, problems *[]error) T {
	value, present := given[name]
	if !present {
		return fallback
	}
	typed, ok := value.(T)
	if !ok {
		*problems = append(*problems, fmt.Errorf("%s option must be a %T, got %v", name, fallback, value))
		return fallback
	}
	return typed
}

// environment tells the SDK how to load the program.
func (options runtimeOptions) environment() []string {
	var variables []string
	if options.typescript {
		variables = append(variables, "PULUMI_NODEJS_TYPESCRIPT=true")
	}
	if options.tsconfig != "" {
		variables = append(variables, "PULUMI_NODEJS_TSCONFIG_PATH="+options.tsconfig)
	}
	return variables
}
