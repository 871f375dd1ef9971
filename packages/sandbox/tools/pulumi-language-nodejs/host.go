package main

import (
	"context"
	"fmt"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	"github.com/pulumi/pulumi/sdk/v3/go/common/version"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/emptypb"
)

// An engine that was killed tells nobody, so it is asked this often. Upstream asks every five minutes.
const engineCheckInterval = 5 * time.Second

type languageHost struct {
	// What is not named here, such as Pack, answers "unimplemented".
	pulumirpc.UnimplementedLanguageRuntimeServer

	// Ends with the host; children end with it.
	ctx           context.Context
	cancel        context.CancelFunc
	tracing       string
	engineAddress string
}

func (host *languageHost) followEngine(address string) error {
	host.engineAddress = address
	if err := rpcutil.Healthcheck(host.ctx, address, engineCheckInterval, host.cancel); err != nil {
		return fmt.Errorf("could not watch the engine at %s: %w", address, err)
	}
	return nil
}

// Handshake is called instead of an argument when the engine attaches to a host that runs already.
func (host *languageHost) Handshake(
	_ context.Context, req *pulumirpc.LanguageHandshakeRequest,
) (*pulumirpc.LanguageHandshakeResponse, error) {
	if err := host.followEngine(req.EngineAddress); err != nil {
		return nil, err
	}
	return &pulumirpc.LanguageHandshakeResponse{}, nil
}

func (host *languageHost) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: version.Version}, nil
}

// Cancel ends what runs; the engine ends the host itself later.
func (host *languageHost) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	host.cancel()
	return &emptypb.Empty{}, nil
}
