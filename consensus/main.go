// The consensus engine of JMES: CometBFT, assembled from its library in the way that it provides for programs with
// databases and application connections of their own. Commands, configuration, RPC and protocol are CometBFT's;
// what differs is how it talks to an application on a socket (socket.go), how it keeps the transaction index
// (databases.go), and the Go runtime's settings.
package main

import (
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"

	"github.com/cometbft/cometbft/cmd/cometbft/commands"
	debugcommands "github.com/cometbft/cometbft/cmd/cometbft/commands/debug"
	"github.com/cometbft/cometbft/config"
	"github.com/cometbft/cometbft/libs/cli"
)

func main() {
	tuneRuntime(os.LookupEnv)
	root := commands.RootCmd
	root.AddCommand(
		commands.GenValidatorCmd,
		commands.InitFilesCmd,
		commands.LightCmd,
		commands.ReplayCmd,
		commands.ReplayConsoleCmd,
		commands.ResetAllCmd,
		commands.ResetPrivValidatorCmd,
		commands.ResetStateCmd,
		commands.ShowValidatorCmd,
		commands.TestnetFilesCmd,
		commands.ShowNodeIDCmd,
		commands.ReIndexEventCmd,
		commands.GenNodeKeyCmd,
		commands.VersionCmd,
		commands.RollbackStateCmd,
		commands.CompactGoLevelDBCmd,
		commands.InspectCmd,
		debugcommands.DebugCmd,
		cli.NewCompletionCmd(root, true),
		commands.NewRunNodeCmd(newNode),
	)
	home := os.ExpandEnv(filepath.Join("$HOME", config.DefaultTendermintDir))
	// The command has already said what went wrong.
	if err := cli.PrepareBaseCmd(root, "CMT", home).Execute(); err != nil {
		os.Exit(1)
	}
}

const (
	// gcPercent lets the heap grow to three times what is live before it is collected: under load the engine
	// makes much garbage and keeps little.
	gcPercent = 200
	// minProcs keeps a small machine's cores busy while threads wait for the disk or the application.
	minProcs = 4
)

// tuneRuntime sets what the operator's environment leaves open.
func tuneRuntime(lookup func(string) (string, bool)) {
	if _, set := lookup("GOGC"); !set {
		debug.SetGCPercent(gcPercent)
	}
	if _, set := lookup("GOMAXPROCS"); !set {
		runtime.GOMAXPROCS(max(runtime.NumCPU(), minProcs))
	}
}
