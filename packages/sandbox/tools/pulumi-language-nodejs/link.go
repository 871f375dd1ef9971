package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/blang/semver"
	"github.com/pulumi/pulumi/pkg/v3/codegen/cgstrings"
	"github.com/pulumi/pulumi/pkg/v3/codegen/nodejs"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/fsutil"
	"github.com/pulumi/pulumi/sdk/v3/nodejs/npm"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// Link adds generated SDKs to the program's package.json and says how to import them: `pulumi package add`.
func (host *languageHost) Link(ctx context.Context, req *pulumirpc.LinkRequest) (*pulumirpc.LinkResponse, error) {
	options, err := parseOptions(req.GetInfo())
	if err != nil {
		return nil, err
	}
	directory := req.GetInfo().GetProgramDirectory()
	manager, err := packageManager(req.GetInfo())
	if err != nil {
		return nil, err
	}
	loader, err := schema.NewLoaderClient(req.GetLoaderTarget())
	if err != nil {
		return nil, err
	}
	defer func() { _ = loader.Close() }()
	references := schema.NewCachedLoader(loader)

	language, importLine := importStyle(options, directory)
	instructions := fmt.Sprintf("You can import the SDK in your %s code with:\n\n", language)
	for _, dependency := range req.GetPackages() {
		reference, err := schema.LoadPackageReferenceV2(ctx, references, descriptor(dependency.GetPackage()))
		if err != nil {
			return nil, err
		}
		name, err := npmName(reference)
		if err != nil {
			return nil, err
		}
		if err := manager.Link(ctx, directory, name, dependency.GetPath()); err != nil {
			return nil, err
		}
		instructions += fmt.Sprintf("  "+importLine+"\n", cgstrings.Camel(reference.Name()), name)
	}
	return &pulumirpc.LinkResponse{ImportInstructions: instructions}, nil
}

func importStyle(options runtimeOptions, directory string) (language, importLine string) {
	const module, commonJS = "import * as %s from %q;", "const %s = require(%q);"
	_, err := fsutil.Searchup(directory, "tsconfig.json")
	if options.typescript || options.tsconfig != "" || err == nil {
		return "TypeScript", module
	}
	if manifest, err := npm.SearchupPackageManifest(directory); err == nil {
		if content, _, err := npm.ReadPackageManifest(filepath.Dir(manifest)); err == nil && content["type"] == "module" {
			return "JavaScript", module
		}
	}
	return "JavaScript", commonJS
}

func descriptor(dependency *pulumirpc.PackageDependency) *schema.PackageDescriptor {
	described := &schema.PackageDescriptor{
		Name:        dependency.GetName(),
		Version:     parseVersion(dependency.GetVersion()),
		DownloadURL: dependency.GetServer(),
	}
	if given := dependency.GetParameterization(); given != nil {
		described.Parameterization = &schema.ParameterizationDescriptor{Name: given.GetName(), Value: given.GetValue()}
		if parsed := parseVersion(given.GetVersion()); parsed != nil {
			described.Parameterization.Version = *parsed
		}
	}
	return described
}

// parseVersion is nil where there is none, as for a local package.
func parseVersion(text string) *semver.Version {
	parsed, err := semver.New(strings.TrimPrefix(text, "v"))
	if err != nil {
		return nil
	}
	return parsed
}

func npmName(reference schema.PackageReference) (string, error) {
	definition, err := reference.Definition()
	if err != nil {
		return "", err
	}
	if err := definition.ImportLanguages(map[string]schema.Language{runtimeName: nodejs.Importer}); err != nil {
		return "", err
	}
	if info, ok := definition.Language[runtimeName].(nodejs.NodePackageInfo); ok && info.PackageName != "" {
		return info.PackageName, nil
	}
	scope := definition.Namespace
	if scope == "" {
		scope = "pulumi"
	}
	return "@" + scope + "/" + definition.Name, nil
}
