// Swarmtop is a terminal monitor for BitTorrent swarms of web assets.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/charmbracelet/x/term"

	"swarmtop/swarm/app"
	"swarmtop/swarm/command"
	"swarmtop/swarm/config"
	"swarmtop/swarm/recording"
	"swarmtop/swarm/session"
	"swarmtop/ui"
	"swarmtop/ui/guard"
)

// gcPercent is how much garbage there may be, in percent of what is in use, before it is
// collected. With Go's 100 a crowd of swarms takes a tenth more memory, and with 50 a tenth
// more of the processor.
const gcPercent = 75

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	signal.Ignore(syscall.SIGPIPE) // a closed pipe is an error of Write, and an orderly end
	err := command.New(terminal{}).ExecuteContext(ctx)
	if err == nil {
		return
	}
	if code, ok := errors.AsType[exited](err); ok {
		os.Exit(int(code))
	}
	tell(app.Lines(err)...)
	os.Exit(command.ExitCode(err))
}

// tell writes lines to standard error.
func tell(lines ...string) {
	for _, line := range lines {
		fmt.Fprintln(os.Stderr, "swarmtop: "+line)
	}
}

// exited is the exit code of a child that has told by itself what there was to tell.
type exited int

func (e exited) Error() string { return fmt.Sprintf("ended with exit code %d", int(e)) }

// terminal is the one that the program was started on, if any.
type terminal struct{}

// Monitor shows the screen or a report, the screen in a child that is guarded.
func (terminal) Monitor(ctx context.Context, cfg config.Config, sources []string, demo bool) error {
	if !wantsScreen(cfg) {
		return serve(ctx, cfg, sources, demo)
	}
	return guarded(ctx, cfg, func(ctx context.Context) error { return serve(ctx, cfg, sources, demo) })
}

// Replay shows a recording on the screen, in a child that is guarded, or writes it out.
func (terminal) Replay(ctx context.Context, cfg config.Config, file string) error {
	if !wantsScreen(cfg) {
		return replay(ctx, cfg, file)
	}
	return guarded(ctx, cfg, func(ctx context.Context) error { return replay(ctx, cfg, file) })
}

// Progress writes to standard error.
func (terminal) Progress() func(line string) {
	if !term.IsTerminal(os.Stderr.Fd()) || os.Getenv("TERM") == "dumb" {
		return nil
	}
	return func(line string) { fmt.Fprintf(os.Stderr, "\r\x1b[K%s", line) }
}

// wantsScreen tells whether it is the screen that is shown, not a report: one is
// wanted, and standard input and output are a terminal that can be drawn on.
func wantsScreen(cfg config.Config) bool {
	return !cfg.JSON && !cfg.NoScreen && os.Getenv("TERM") != "dumb" &&
		term.IsTerminal(os.Stdout.Fd()) && term.IsTerminal(os.Stdin.Fd())
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

// replay shows a recording, or writes it out.
func replay(ctx context.Context, cfg config.Config, file string) (err error) {
	r, err := recording.Open(file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	switch {
	case cfg.JSON:
		return unlessClosed(app.ReplayJSON(ctx, r, os.Stdout))
	case !wantsScreen(cfg):
		return unlessClosed(app.ReplayLines(ctx, r, os.Stdout))
	}
	player, err := recording.Play(r, time.Now)
	if err != nil {
		return err
	}
	return ui.Run(ctx, nil, nil, ui.Options{Theme: cfg.Theme, Symbols: cfg.Symbols, Getenv: os.Getenv, Recording: player, Suspend: guard.Suspend, Away: guard.Away(ctx)})
}

// unlessClosed returns what went wrong with a report, which is nothing when whoever
// read it has had enough.
func unlessClosed(err error) error {
	if errors.Is(err, syscall.EPIPE) {
		return nil
	}
	return err
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
	if cfg.Pprof == "" {
		runtime.MemProfileRate = 0 // nobody can ask for the profile, a megabyte
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	a, err := app.New(cfg, demo)
	if err != nil {
		return err
	}
	if line := a.Shortage(); line != "" && !wantsScreen(cfg) {
		tell(line)
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
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	arriving := addAll(ctx, cancel, a, sources, needed)
	screen := wantsScreen(cfg)
	var slow <-chan time.Time
	if screen {
		slow = time.After(patience)
	}
	select {
	case <-arriving.over:
		if arriving.none != nil || ctx.Err() != nil {
			return arriving.none
		}
	case <-arriving.good: // what takes longer goes on behind the screen
	case <-slow:
	}
	if !screen {
		a.Settle(ctx)
	}
	var incomplete error
	var completing sync.WaitGroup
	if cfg.UntilComplete {
		completing.Go(func() {
			<-arriving.over
			incomplete = a.AwaitComplete(ctx)
			cancel()
		})
	}
	arriving.behindScreen.Store(screen)
	err := show(ctx, a, cfg, demo)
	cancel()
	<-arriving.over
	completing.Wait()
	if arriving.none != nil {
		tell(arriving.unseen...)
		return arriving.none
	}
	return errors.Join(err, incomplete)
}

// show shows the screen or a report until ctx ends or the user quits.
func show(ctx context.Context, a *app.App, cfg config.Config, demo bool) error {
	switch {
	case wantsScreen(cfg):
		return ui.Run(ctx, a.Snapshots(), a, ui.Options{
			Theme: cfg.Theme, Symbols: cfg.Symbols, Getenv: os.Getenv, Settings: a.Settings, Demo: demo, Suspend: guard.Suspend, Away: guard.Away(ctx),
		})
	case cfg.JSON:
		return unlessClosed(app.ReportJSON(ctx, a.Snapshots(), os.Stdout))
	default:
		return unlessClosed(app.ReportLines(ctx, a.Snapshots(), os.Stdout))
	}
}

// adding is sources on their way.
type adding struct {
	good chan struct{} // closed at the first one that is good
	over chan struct{} // closed when all have been tried

	behindScreen atomic.Bool // nothing is printed there: the event log has it

	// What follows is there once it is over.
	unseen []string // what would have been printed
	none   error    // says that none was good, and one was needed
}

// addAll adds sources until ctx ends, and calls cancel when none is good though one
// is needed.
func addAll(ctx context.Context, cancel func(), a *app.App, sources []string, needed bool) *adding {
	s := &adding{good: make(chan struct{}), over: make(chan struct{})}
	go func() {
		defer close(s.over)
		err := a.AddAll(ctx, sources, sync.OnceFunc(func() { close(s.good) }), func(line string) {
			if s.behindScreen.Load() {
				s.unseen = append(s.unseen, line)
			} else {
				tell(line)
			}
		})
		if errors.Is(err, app.ErrNoSource) && needed {
			s.none = err
			cancel()
		}
	}()
	return s
}
