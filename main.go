// Swarmtop is a terminal monitor for BitTorrent swarms of web assets.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	"swarmtop/swarm/app"
	"swarmtop/swarm/config"
	"swarmtop/swarm/recording"
	"swarmtop/swarm/session"
	"swarmtop/ui"
	"swarmtop/ui/guard"
)

// Exit codes.
const (
	exitFailed = 1
	exitUsage  = 2
	exitWrong  = 3 // a verdict went against an asset
)

// usageError is a mistake in how the program was called.
type usageError struct{ error }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	signal.Ignore(syscall.SIGPIPE) // a closed pipe is an error of Write, and an orderly end
	err := command().ExecuteContext(ctx)
	if err == nil {
		return
	}
	if code, ok := errors.AsType[exited](err); ok {
		os.Exit(int(code))
	}
	for _, line := range app.Lines(err) {
		fmt.Fprintln(os.Stderr, "swarmtop: "+line)
	}
	if _, ok := errors.AsType[usageError](err); ok {
		os.Exit(exitUsage)
	}
	if _, ok := errors.AsType[app.VerdictError](err); ok {
		os.Exit(exitWrong)
	}
	os.Exit(exitFailed)
}

// exited is the exit code of a child that has told by itself what there was to tell.
type exited int

func (e exited) Error() string { return fmt.Sprintf("ended with exit code %d", int(e)) }

func command() *cobra.Command {
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
			ctx, stop := untilHangup(cmd.Context())
			defer stop()
			return app.Inspect(ctx, cfg, sources, os.Stdout)
		},
	}
	root.AddCommand(demo, inspect, probeCommand(&cfg), drillCommand(&cfg), replayCommand(&cfg), crowdCommand(&cfg))
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

// probeCommand asks URLs once.
func probeCommand(cfg *config.Config) *cobra.Command {
	var torrent, contentType string
	c := &cobra.Command{
		Use:   "probe URL ...",
		Short: "Ask URLs whether they answer with the right type and bytes, a verdict a line",
		Long: `Probe asks each URL four times at every address of its host: by GET, by HEAD, for
a few bytes, and with a query that nobody has used before. It ends with 0 when all
is fine, 3 when a type or bytes are wrong, 1 when an address could not be asked.
What a URL ought to answer is told by a torrent, or a type, or the URL's own ending.`,
		Example: `  swarmtop probe https://cdn.example/widgets/button.html --torrent button.html.torrent
  swarmtop probe https://cdn.example/widgets/button --type text/html --resolve cdn.example:443:192.0.2.7`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usageError{errors.New("probe: which URL? (see swarmtop probe --help)")}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, urls []string) error {
			ctx, stop := untilHangup(cmd.Context())
			defer stop()
			return app.ProbeOnce(ctx, *cfg, urls, torrent, contentType, os.Stdout)
		},
	}
	c.Flags().StringVar(&torrent, "torrent", "", "`file` with the metainfo of what the URLs ought to answer")
	c.Flags().StringVar(&contentType, "type", "", "content `type` that the URLs ought to answer")
	c.MarkFlagsMutuallyExclusive("torrent", "type")
	return c
}

// drillCommand replays the incident.
func drillCommand(cfg *config.Config) *cobra.Command {
	return &cobra.Command{
		Use:   "drill",
		Short: "Replay an incident like 2013's on this machine and show that it is caught",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, stop := untilHangup(cmd.Context())
			defer stop()
			if cfg.Record != "" {
				return usageError{errors.New("drill: it makes no snapshots that --record could keep")}
			}
			return app.Drill(ctx, *cfg, os.Stdout)
		},
	}
}

// crowdCommand measures a crowd.
func crowdCommand(cfg *config.Config) *cobra.Command {
	var o app.CrowdOptions
	c := &cobra.Command{
		Use:   "crowd [FILE]",
		Short: "Have many peers fetch one asset at once, and measure what that takes",
		Long: `Crowd lets real peers come for one asset all at once, on this machine: each on a
loopback address of its own, with an uplink that is limited, through a tracker and
from one seeder. Then as many HTTP clients come to one server with the same uplink.
It tells when the last byte came, what the origin sent, and how far both are from the
best that is possible. A simulation goes on to as many peers as you like.`,
		Example: `  swarmtop crowd
  swarmtop crowd button.html --peers 200 --uplink 64KiB
  swarmtop crowd --size 1MiB --piece-length 65536
  swarmtop crowd --simulate 100000
  swarmtop crowd --json | jq '{last: .crowd.last_s, offload: .crowd.offload}'`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usageError{fmt.Errorf("crowd: one FILE at most, got %q", args)}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, stop := untilHangup(cmd.Context())
			defer stop()
			if len(args) > 0 {
				o.File = args[0]
			}
			if err := o.Check(); err != nil {
				return usageError{fmt.Errorf("crowd: %w", err)}
			}
			var progress func(string)
			if term.IsTerminal(os.Stderr.Fd()) && os.Getenv("TERM") != "dumb" {
				progress = func(line string) { fmt.Fprintf(os.Stderr, "\r\x1b[K%s", line) }
			}
			return app.Crowd(ctx, o, cfg.JSON, os.Stdout, progress)
		},
	}
	c.Flags().IntVar(&o.Peers, "peers", 50, "`number` of peers, beside the seeder")
	c.Flags().StringVar(&o.Uplink, "uplink", "128KiB", "`bytes` a second that each peer and the origin can send")
	c.Flags().StringVar(&o.Size, "size", "", "`bytes` of the asset, without a FILE (default 64KiB)")
	c.Flags().Int64Var(&o.PieceLength, "piece-length", 0, "`bytes` of a piece (default what is published)")
	c.Flags().Uint64Var(&o.Seed, "seed", 1, "`number` that the sample asset and the simulation follow from")
	c.Flags().IntVar(&o.Simulate, "simulate", 0, "simulate crowds of up to that `number` of peers too")
	return c
}

// untilHangup ends what knows no manifest, and so nothing to reload, at SIGHUP.
func untilHangup(ctx context.Context) (context.Context, context.CancelFunc) {
	return signal.NotifyContext(ctx, syscall.SIGHUP)
}

// replayCommand plays a recording.
func replayCommand(cfg *config.Config) *cobra.Command {
	return &cobra.Command{
		Use:   "replay FILE",
		Short: "Open the screen on what --record wrote, with rewind",
		Long: `Replay plays a recording on the screen, in the time in which it was made: f pauses,
[ and ] step, { and } go a minute back and forth, - and + change the speed. Without
a terminal, with --no-screen or with --json it writes the recording out at once.`,
		Example: `  swarmtop --record incident.swarmtop assets.toml
  swarmtop replay incident.swarmtop
  swarmtop replay --json incident.swarmtop | jq -c '[.at, .totals.types]'`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageError{errors.New("replay: which FILE? (see swarmtop replay --help)")}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, stop := untilHangup(cmd.Context())
			defer stop()
			if !wantsScreen(*cfg) {
				return replay(ctx, *cfg, args[0])
			}
			return guarded(ctx, *cfg, func(ctx context.Context) error { return replay(ctx, *cfg, args[0]) })
		},
	}
}

// replay shows a recording, or writes it out.
func replay(ctx context.Context, cfg config.Config, file string) (err error) {
	r, err := recording.Open(file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	switch {
	case cfg.JSON:
		err = app.ReplayJSON(ctx, r, os.Stdout)
	case !wantsScreen(cfg):
		err = app.ReplayLines(ctx, r, os.Stdout)
	default:
		player, err := recording.Play(r, time.Now)
		if err != nil {
			return err
		}
		return ui.Run(ctx, nil, nil, ui.Options{Theme: cfg.Theme, Symbols: cfg.Symbols, Getenv: os.Getenv, Recording: player, Suspend: guard.Suspend, Away: guard.Away(ctx)})
	}
	if errors.Is(err, syscall.EPIPE) {
		return nil // whoever read has had enough
	}
	return err
}

func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageError{fmt.Errorf("%s takes no arguments, got %q", cmd.Name(), args[0])}
	}
	return nil
}

// run shows the screen or a report, the screen in a child that is guarded.
func run(ctx context.Context, cfg config.Config, sources []string, demo bool) error {
	if !wantsScreen(cfg) {
		return serve(ctx, cfg, sources, demo)
	}
	return guarded(ctx, cfg, func(ctx context.Context) error { return serve(ctx, cfg, sources, demo) })
}

// guarded runs what draws on the terminal in a child that may crash without
// leaving the terminal unusable; where no child can be started, it runs here.
func guarded(ctx context.Context, cfg config.Config, show func(context.Context) error) error {
	if guard.Inside() {
		return show(guard.Follow(ctx))
	}
	code, err := guard.Run(guard.Options{
		Name:    session.Name,
		Version: session.Version,
		Reports: filepath.Join(cfg.State, "reports"),
		Help:    "the repository's security advisories take it in private.",
	})
	switch {
	case err != nil:
		return show(ctx)
	case code != 0:
		return exited(code)
	}
	return nil
}

// serve starts everything, adds the sources, shows the screen or a report, and ends
// with whichever ends first.
func serve(ctx context.Context, cfg config.Config, sources []string, demo bool) error {
	if cfg.Manifest != "" {
		sources = append(sources, cfg.Manifest)
	}
	asked := len(sources) > 0
	if usual := config.DefaultManifest(); cfg.Manifest == "" && usual != "" {
		sources = append(sources, usual)
	}
	switch {
	case demo:
		sources = nil
	case len(sources) == 0:
		demo = !session.Holds(cfg.State)
	}
	a, err := app.New(cfg, demo)
	if err != nil {
		return err
	}
	if line := a.Shortage(); line != "" && !wantsScreen(cfg) {
		fmt.Fprintln(os.Stderr, "swarmtop: "+line)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	a.JudgeSettings(ui.CheckSettings)
	running := make(chan error, 1)
	go func() {
		err := a.Run(ctx)
		cancel()
		running <- err
	}()
	var hangups sync.WaitGroup
	defer hangups.Wait()
	defer cancel()
	hangups.Go(func() { guard.Hangups(ctx, a.Reload, cancel) })
	needed := asked || a.Empty() // a bad manifest in the usual place keeps nobody from the rest
	err = watch(ctx, a, cfg, sources, needed, demo)
	cancel()
	err = errors.Join(err, <-running)
	return errors.Join(err, a.Close())
}

// patience is how long the screen waits for the first good source. One that is bad
// at once is told of without it; one that is slow is waited for behind it.
const patience = 25 * time.Millisecond

// watch adds the sources and shows what becomes of them until ctx ends, the user
// quits, or none of the sources is good though one is needed.
func watch(ctx context.Context, a *app.App, cfg config.Config, sources []string, needed, demo bool) error {
	screen := wantsScreen(cfg)
	var onScreen atomic.Bool // nothing is printed under the screen: the event log has it
	var unseen []string      // what would have been
	ctx, cancel := context.WithCancel(ctx)
	var adding sync.WaitGroup
	defer adding.Wait()
	defer cancel()
	added := make(chan error, 1)
	good, addedAll := make(chan struct{}), make(chan struct{})
	adding.Go(func() {
		defer close(addedAll)
		err := a.AddAll(ctx, sources, sync.OnceFunc(func() { close(good) }), func(line string) {
			if onScreen.Load() {
				unseen = append(unseen, line)
			} else {
				fmt.Fprintln(os.Stderr, "swarmtop: "+line)
			}
		})
		if errors.Is(err, app.ErrNoSource) && needed {
			added <- err
			cancel()
		}
		close(added)
	})
	var slow <-chan time.Time
	if screen {
		slow = time.After(patience)
	}
	select {
	case err := <-added:
		if err != nil || ctx.Err() != nil {
			return err
		}
	case <-good: // what takes longer goes on behind the screen
	case <-slow:
	}
	if !screen {
		a.Settle(ctx)
	}
	var incomplete error
	if cfg.UntilComplete {
		adding.Go(func() {
			<-addedAll
			incomplete = a.AwaitComplete(ctx)
			cancel()
		})
	}
	var err error
	switch {
	case screen:
		onScreen.Store(true)
		err = ui.Run(ctx, a.Snapshots(), a, ui.Options{
			Theme: cfg.Theme, Symbols: cfg.Symbols, Getenv: os.Getenv, Settings: a.Settings, Demo: demo, Suspend: guard.Suspend, Away: guard.Away(ctx),
		})
	case cfg.JSON:
		err = app.ReportJSON(ctx, a.Snapshots(), os.Stdout)
	default:
		err = app.ReportLines(ctx, a.Snapshots(), os.Stdout)
	}
	if errors.Is(err, syscall.EPIPE) {
		return nil // whoever read has had enough
	}
	cancel()
	adding.Wait()
	if none := <-added; none != nil {
		for _, line := range unseen {
			fmt.Fprintln(os.Stderr, "swarmtop: "+line)
		}
		return none
	}
	return errors.Join(err, incomplete)
}

// wantsScreen tells whether it is the screen that is shown, not a report.
func wantsScreen(cfg config.Config) bool { return !cfg.JSON && !cfg.NoScreen && hasScreen() }

// hasScreen tells whether standard input and output are a terminal that can be drawn on.
func hasScreen() bool {
	return os.Getenv("TERM") != "dumb" && term.IsTerminal(os.Stdout.Fd()) && term.IsTerminal(os.Stdin.Fd())
}
