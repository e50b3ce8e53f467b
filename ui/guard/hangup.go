package guard

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/charmbracelet/x/term"
)

// lookEvery is the time between two looks at whether the terminal is still there:
// it may go without a signal, as when a shell between has taken that.
const lookEvery = time.Second

// Hangups does what SIGHUP asks for until ctx ends: it calls end when standard
// output was a terminal that is gone, and reload otherwise. A terminal is gone when
// the kernel no longer answers for it as one (tcgetattr fails). A program that was
// started with SIGHUP ignored, as by nohup, goes on ignoring it.
func Hangups(ctx context.Context, reload, end func()) {
	hangups := make(chan os.Signal, 1)
	if !signal.Ignored(syscall.SIGHUP) {
		signal.Notify(hangups, syscall.SIGHUP)
		defer signal.Stop(hangups)
	}
	onTerminal := term.IsTerminal(os.Stdout.Fd())
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		signalled := false
		select {
		case <-ctx.Done():
			return
		case <-hangups:
			signalled = true
		case <-tick.C:
		}
		switch {
		case onTerminal && !term.IsTerminal(os.Stdout.Fd()):
			end()
		case signalled:
			reload()
		}
	}
}
