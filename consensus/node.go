package main

import (
	"fmt"
	"strings"

	abcicli "github.com/cometbft/cometbft/abci/client"
	"github.com/cometbft/cometbft/config"
	"github.com/cometbft/cometbft/libs/log"
	"github.com/cometbft/cometbft/node"
	"github.com/cometbft/cometbft/p2p"
	"github.com/cometbft/cometbft/privval"
	"github.com/cometbft/cometbft/proxy"
)

// newNode makes the node that `start` runs.
func newNode(cfg *config.Config, logger log.Logger) (*node.Node, error) {
	key, err := p2p.LoadOrGenNodeKey(cfg.NodeKeyFile())
	if err != nil {
		return nil, fmt.Errorf("node key %s: %w", cfg.NodeKeyFile(), err)
	}
	return node.NewNode(
		cfg,
		privval.LoadOrGenFilePV(cfg.PrivValidatorKeyFile(), cfg.PrivValidatorStateFile()),
		key,
		clientCreator(cfg),
		node.DefaultGenesisDocProviderFunc(cfg),
		openDatabase,
		node.DefaultMetricsProvider(cfg.Instrumentation),
		logger,
	)
}

// clientCreator connects to an application on a socket with this program's client, and to all others (built in, or
// over gRPC) with CometBFT's.
func clientCreator(cfg *config.Config) proxy.ClientCreator {
	if cfg.ABCI == "socket" && isSocketAddress(cfg.ProxyApp) {
		return socketCreator(cfg.ProxyApp)
	}
	return proxy.DefaultClientCreator(cfg.ProxyApp, cfg.ABCI, cfg.DBDir())
}

func isSocketAddress(address string) bool {
	return strings.HasPrefix(address, "unix://") || strings.HasPrefix(address, "tcp://")
}

// socketCreator makes clients of the application at an address.
type socketCreator string

// NewABCIClient makes a client that is not connected yet.
func (address socketCreator) NewABCIClient() (abcicli.Client, error) {
	return newSocketClient(string(address)), nil
}
