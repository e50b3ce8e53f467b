// Swarmtop is a terminal monitor for BitTorrent swarms of web assets.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"

	"charm.land/fang/v2"
	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	"swarmtop/swarm/app"
	"swarmtop/swarm/config"
	"swarmtop/swarm/session"
	"swarmtop/ui"
)

// Exit codes.
const (
	exitFailed = 1
	exitUsage  = 2
)

// usageError is a mistake in how the program was called.
type usageError struct{ error }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	err := fang.Execute(ctx, command(),
		fang.WithVersion(session.Version),
		fang.WithoutCompletions(),
		fang.WithoutManpage(),
		fang.WithErrorHandler(func(w io.Writer, _ fang.Styles, err error) {
			for _, line := range strings.Split(err.Error(), "\n") {
				fmt.Fprintln(w, "swarmtop: "+line)
			}
		}),
	)
	var usage usageError
	switch {
	case errors.As(err, &usage):
		os.Exit(exitUsage)
	case err != nil:
		os.Exit(exitFailed)
	}
}

func command() *cobra.Command {
	var cfg config.Config
	root := &cobra.Command{
		Use:   "swarmtop [SOURCE ...]",
		Short: "Watch the swarms of web assets: peers, pieces, trackers, content types",
		Long: `Swarmtop joins or publishes the sources and opens the monitor. A SOURCE is a
.torrent file, a magnet link, a URL that answers a torrent, a 40-digit info
hash, a folder or file to publish, or a manifest (*.toml). Without one it goes on with
what its state folder holds; if that is nothing, it runs the demo.`,
		Example: `  # the demo: everything on this machine
  swarmtop demo
  # join somebody's swarm
  swarmtop ubuntu.torrent
  # publish a folder: a swarm for each file
  swarmtop ./widgets
  # a snapshot a second for a script
  swarmtop --json 'magnet:?xt=urn:btih:…' | jq .totals`,
		Args:          cobra.ArbitraryArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(cmd *cobra.Command, sources []string) error {
			return run(cmd.Context(), cfg, sources, false)
		},
	}
	demo := &cobra.Command{
		Use:   "demo",
		Short: "Run the demo: sample assets, a tracker and a crowd of peers, all on this machine",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return run(cmd.Context(), cfg, nil, true)
		},
	}
	inspect := &cobra.Command{
		Use:     "inspect SOURCE ...",
		Short:   "Tell what a torrent, magnet or URL is, joining nothing",
		Example: "  swarmtop inspect ubuntu.torrent",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usageError{errors.New("inspect: which SOURCE? (see swarmtop inspect --help)")}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, sources []string) error {
			return app.Inspect(cmd.Context(), cfg, sources, os.Stdout)
		},
	}
	root.AddCommand(demo, inspect)
	cfg.Flags(root.PersistentFlags())
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

func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageError{fmt.Errorf("%s takes no arguments, got %q", cmd.Name(), args[0])}
	}
	return nil
}

// run starts everything, adds the sources, shows the screen or a report, and ends
// with whichever ends first.
func run(ctx context.Context, cfg config.Config, sources []string, demo bool) error {
	manifest := cfg.Manifest
	if manifest == "" {
		manifest = config.DefaultManifest()
	}
	if manifest != "" && !demo {
		sources = append(sources, manifest)
	}
	a, err := app.New(cfg, demo)
	if err != nil {
		return err
	}
	if !demo && len(sources) == 0 && a.Empty() {
		if err := a.Close(); err != nil {
			return err
		}
		if a, err = app.New(cfg, true); err != nil {
			return err
		}
		demo = true
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	running := make(chan error, 1)
	go func() {
		err := a.Run(ctx)
		cancel()
		running <- err
	}()
	err = watch(ctx, a, cfg, sources, demo)
	cancel()
	err = errors.Join(err, <-running)
	return errors.Join(err, a.Close())
}

// watch adds the sources and shows what becomes of them until ctx ends or the user quits.
func watch(ctx context.Context, a *app.App, cfg config.Config, sources []string, demo bool) error {
	screen := !cfg.JSON && !cfg.NoScreen && hasScreen()
	var onScreen atomic.Bool // nothing is printed under the screen: the event log has it
	added := make(chan error, 1)
	good := make(chan struct{})
	go func() {
		added <- a.AddAll(ctx, sources, sync.OnceFunc(func() { close(good) }), func(err error) {
			if !onScreen.Load() {
				fmt.Fprintln(os.Stderr, "swarmtop: "+err.Error())
			}
		})
	}()
	select {
	case err := <-added:
		if err != nil {
			return err
		}
		added <- nil
	case <-good: // what takes longer goes on behind the screen
	}
	var err error
	switch {
	case screen:
		onScreen.Store(true)
		err = ui.Run(ctx, a.Snapshots(), a, ui.Options{Theme: cfg.Theme, Demo: demo})
	case cfg.JSON:
		err = app.ReportJSON(ctx, a.Snapshots(), os.Stdout)
	default:
		err = app.ReportLines(ctx, a.Snapshots(), os.Stdout)
	}
	if errors.Is(err, syscall.EPIPE) {
		return nil // whoever read has had enough
	}
	return err
}

// hasScreen tells whether standard input and output are a terminal that can be drawn on.
func hasScreen() bool {
	return os.Getenv("TERM") != "dumb" && term.IsTerminal(os.Stdout.Fd()) && term.IsTerminal(os.Stdin.Fd())
}
