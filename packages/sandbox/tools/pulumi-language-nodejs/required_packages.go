package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/blang/semver"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/logging"
	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// GetRequiredPackages finds the providers that a program's installed npm packages belong to.
func (host *languageHost) GetRequiredPackages(
	_ context.Context, req *pulumirpc.GetRequiredPackagesRequest,
) (*pulumirpc.GetRequiredPackagesResponse, error) {
	search := packageSearch{visited: map[string]bool{}, sdks: map[uint64]string{}}
	search.directory(req.GetInfo().GetProgramDirectory(), false)
	// What cannot be read is no reason to stop: the program may not use it.
	if err := errors.Join(search.problems...); err != nil {
		logging.V(3).Infof("one or more errors while discovering plugins: %s", err)
	}
	if len(search.sdks) > 1 {
		fmt.Fprintln(os.Stderr, "Found incompatible versions of @pulumi/pulumi. Differing major versions are not supported.")
		for _, sdk := range search.sdks {
			fmt.Fprintln(os.Stderr, " ", sdk)
		}
	}
	return &pulumirpc.GetRequiredPackagesResponse{Packages: search.found}, nil
}

type packageSearch struct {
	visited  map[string]bool
	found    []*pulumirpc.PackageDependency
	problems []error
	// One SDK of each major version, with its place.
	sdks map[uint64]string
}

// directory looks into all folders, since node_modules may lie in any of them.
func (search *packageSearch) directory(directory string, inNodeModules bool) {
	// Workspaces are links, which may lead around in a circle.
	directory, err := filepath.EvalSymlinks(directory)
	if err != nil {
		search.problems = append(search.problems, err)
		return
	}
	if search.visited[directory] {
		return
	}
	search.visited[directory] = true
	entries, err := os.ReadDir(directory)
	if err != nil {
		search.problems = append(search.problems, err)
		return
	}
	for _, entry := range entries {
		path := filepath.Join(directory, entry.Name())
		info, err := os.Stat(path)
		switch {
		case err != nil:
			search.problems = append(search.problems, err)
		case info.IsDir():
			// The providers a policy pack has installed are not the program's.
			if pack, err := workspace.DetectPolicyPackPathAt(path); err != nil {
				search.problems = append(search.problems, err)
			} else if pack == "" {
				search.directory(path, inNodeModules || filepath.Base(directory) == "node_modules")
			}
		case inNodeModules && entry.Name() == "package.json":
			if err := search.manifest(path); err != nil {
				search.problems = append(search.problems, fmt.Errorf("%s: %w", path, err))
			}
		}
	}
}

type packageManifest struct {
	Name    string                  `json:"name"`
	Version string                  `json:"version"`
	Pulumi  plugin.PulumiPluginJSON `json:"pulumi"`
}

func (search *packageSearch) manifest(path string) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var manifest packageManifest
	if err := json.Unmarshal(content, &manifest); err != nil {
		return err
	}
	if manifest.Name == "@pulumi/pulumi" {
		version, err := semver.Parse(manifest.Version)
		if err != nil {
			return err
		}
		search.sdks[version.Major] = fmt.Sprintf("Version %s referenced at %s", version, path)
	}
	dependency, err := manifest.dependency()
	if dependency != nil {
		search.found = append(search.found, dependency)
	}
	return err
}

// dependency is nil for a package without a provider.
func (manifest packageManifest) dependency() (*pulumirpc.PackageDependency, error) {
	if !manifest.Pulumi.Resource {
		return nil, nil
	}
	name := manifest.Pulumi.Name
	if name == "" {
		unscoped, official := strings.CutPrefix(manifest.Name, "@pulumi/")
		if !official {
			return nil, fmt.Errorf("missing property \"name\" for the third-party plugin %q", manifest.Name)
		}
		name = unscoped
	}
	version := manifest.Pulumi.Version
	if version == "" {
		version = manifest.Version
	}
	if version == "" {
		return nil, errors.New("missing expected \"version\" property")
	}
	return &pulumirpc.PackageDependency{
		Name:             name,
		Kind:             "resource",
		Version:          "v" + strings.TrimPrefix(version, "v"),
		Server:           manifest.Pulumi.Server,
		Parameterization: parameterization(manifest.Pulumi.Parameterization),
		Extension:        parameterization(manifest.Pulumi.ExtensionParameterization),
	}, nil
}

func parameterization(given *plugin.PulumiParameterizationJSON) *pulumirpc.PackageParameterization {
	if given == nil {
		return nil
	}
	return &pulumirpc.PackageParameterization{Name: given.Name, Version: given.Version, Value: given.Value}
}
