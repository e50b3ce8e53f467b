// Package command is the command line: what may be written there, what each command
// does, and the exit code that follows.
package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"swarmtop/swarm/app"
	"swarmtop/swarm/config"
	"swarmtop/swarm/session"
)

// Terminal does what may need one.
type Terminal interface {
	// Monitor joins or publishes sources and shows what becomes of them; with demo
	// set it shows the demo.
	Monitor(ctx context.Context, cfg config.Config, sources []string, demo bool) error
	// Replay shows a recording.
	Replay(ctx context.Context, cfg config.Config, file string) error
	// Progress returns what writes a line in the place of the one before, nil where
	// nobody would see it.
	Progress() func(line string)
}

// Exit codes.
const (
	exitFailed = 1
	exitUsage  = 2
	exitWrong  = 3 // a verdict went against an asset
)

// usageError is a mistake in how the program was called.
type usageError struct{ error }

// ExitCode returns the exit code for what a command of [New] has returned.
func ExitCode(err error) int {
	if err == nil {
		return 0
	}
	if _, ok := errors.AsType[usageError](err); ok {
		return exitUsage
	}
	if _, ok := errors.AsType[app.VerdictError](err); ok {
		return exitWrong
	}
	return exitFailed
}

// New returns the program's command with all below it.
func New(t Terminal) *cobra.Command {
	var cfg config.Config
	root := &cobra.Command{
		Use:   "swarmtop [SOURCE ...]",
		Short: "Watch the swarms of web assets: peers, pieces, trackers, content types",
		Long: `Swarmtop joins or publishes the sources and opens the monitor. A SOURCE is a
.torrent file, a magnet link, a URL that answers a torrent, a 40-digit info
hash, a folder or file to publish, or a manifest (*.toml). Without one it goes on with
what its state folder holds; if that is nothing, it runs the demo.`,
		Example: `  # the demo: sample assets, a tracker and peers, all on this machine
  swarmtop demo
  # join somebody's swarm
  swarmtop ubuntu.torrent
  # publish a folder: a swarm for each file
  swarmtop ./widgets
  # a snapshot a second for a script
  swarmtop --json 'magnet:?xt=urn:btih:…' | jq .totals`,
		Args:              cobra.ArbitraryArgs,
		Version:           session.Version,
		SilenceUsage:      true,
		SilenceErrors:     true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
		RunE: func(cmd *cobra.Command, sources []string) error {
			return t.Monitor(cmd.Context(), cfg, sources, false)
		},
	}
	root.AddCommand(demo(&cfg, t), inspect(&cfg), probe(&cfg), drill(&cfg), replay(&cfg, t), crowd(&cfg, t))
	root.SetUsageTemplate(strings.ReplaceAll(root.UsageTemplate(), ".FlagUsages", ".FlagUsagesWrapped 100"))
	cfg.Flags(root.PersistentFlags())
	root.Flags().SortFlags = false
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error {
		return usageError{fmt.Errorf("%w (see swarmtop --help)", err)}
	})
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error {
		if err := config.Environment(cmd.Flags(), os.Getenv); err != nil {
			return usageError{err}
		}
		if err := cfg.Check(); err != nil {
			return usageError{err}
		}
		return nil
	}
	return root
}

// none takes no arguments.
func none(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageError{fmt.Errorf("%s takes no arguments, got %q", cmd.Name(), args[0])}
	}
	return nil
}

// atLeastOne takes one argument or more of a kind.
func atLeastOne(kind string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return missing(cmd, kind)
		}
		return nil
	}
}

func missing(cmd *cobra.Command, kind string) error {
	return usageError{fmt.Errorf("%s: which %s? (see swarmtop %[1]s --help)", cmd.Name(), kind)}
}

// untilHangup ends what knows no manifest, and so nothing to reload, at SIGHUP.
func untilHangup(ctx context.Context) (context.Context, context.CancelFunc) {
	return signal.NotifyContext(ctx, syscall.SIGHUP)
}
