// Command pulumi-language-nodejs is a language host for Pulumi programs, policy packs and component plugins on Node.js.
//
// Upstream's own host is a module that no Go proxy serves since v3.69. This one is written against the modules that are
// served, does for Node.js what upstream's does, and leaves out bun, debuggers, fnm and packing of SDKs.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/cmdutil"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/logging"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	"github.com/pulumi/pulumi/sdk/v3/go/common/version"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
)

func main() {
	tracing := flag.String("tracing", "", "passed on to the program")
	showVersion := flag.Bool("version", false, "print the version and exit")
	flag.Parse()
	if *showVersion {
		fmt.Println(version.Version)
		return
	}
	logging.InitLogging(false, 0, false)
	if err := serve(*tracing, flag.Arg(0)); err != nil {
		cmdutil.Exit(err)
	}
}

// serve answers the engine until it is gone or asks to end, and returns when every child has ended.
func serve(tracing, engineAddress string) error {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	host := &languageHost{ctx: ctx, cancel: cancel, tracing: tracing}
	if engineAddress != "" {
		if err := host.followEngine(engineAddress); err != nil {
			return err
		}
	}
	stop := make(chan bool)
	go func() {
		<-ctx.Done()
		close(stop)
	}()
	server, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Cancel: stop,
		Init: func(server *grpc.Server) error {
			pulumirpc.RegisterLanguageRuntimeServer(server, host)
			return nil
		},
		Options: rpcutil.TracingServerInterceptorOptions(nil),
	})
	if err != nil {
		return fmt.Errorf("could not start the language host's server: %w", err)
	}
	// The engine reads the port from the first line.
	fmt.Printf("%d\n", server.Port)
	return <-server.Done
}
